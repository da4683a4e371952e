import { pinyin } from "pinyin-pro";
import { withoutUnseen } from "../unseen.ts";
import { simplify } from "./characters.ts";
import { normalise } from "./normalise.ts";
import { readingsOf } from "./polyphones.ts";

/** A unit of pronunciation: a Chinese character with its readings, the most likely first, or a run of other letters or digits. */
export type PronunciationUnit = {
  readonly written: string;
  readonly readings: readonly string[];
  readonly isHan: boolean;
};

/** The maximum number of combinations of readings of one text. */
const maxWays = 8;

const han = /^\p{Script=Han}$/u;
const anyHan = /\p{Script=Han}/u;

/**
 * The pinyin of a text, unit by unit. The most likely reading is the one in its word (重庆 chong, 重要 zhong; traditional
 * characters too), followed by those that readers confuse with it. Without tones, with u for ü, since people type nv and nu.
 * `surname: "head"`: the text is a person's name, so that its first character is read as a surname (单 shan).
 */
export function pronunciationsOf(text: string, surname: "head" | "off" = "off"): readonly PronunciationUnit[] {
  // The original text is read, not the folded one: 乾 alone would be gan, and separators keep words apart.
  const lower = withoutUnseen(text).normalize("NFKC").toLowerCase();
  const hasHan = anyHan.test(lower);
  // Queries often consist of letters alone, and both libraries take tens of microseconds to find nothing in them.
  const simplified = hasHan ? simplify(lower) : lower;
  const units: PronunciationUnit[] = [];
  let other = "";
  const flush = () => {
    if (other !== "") units.push({ written: other, readings: [plainLetters(other)], isHan: false });
    other = "";
  };
  const characters = [...simplified];
  const originals = [...lower];
  const read = hasHan ? pinyin(simplified, { toneType: "none", type: "array", v: true, surname }) : [];
  characters.forEach((character, index) => {
    const written = normalise(character);
    if (han.test(character)) {
      flush();
      const likely = plainLetters(read.length === characters.length ? (read[index] ?? "") : readAlone(character));
      const original = originals.length === characters.length ? (originals[index] ?? "") : "";
      const readings = distinct([likely || written, ...readingsOf(original), ...readingsOf(written)]);
      units.push({ written, readings, isHan: true });
    } else if (written === "") flush();
    else other += written;
  });
  flush();
  return units;
}

/** The combinations of readings, the most likely first: at most 8, each with one reading per unit. */
export function waysOf(units: readonly PronunciationUnit[]): readonly (readonly string[])[] {
  let ways: string[][] = [[]];
  const choices = units.map(({ readings }) => readings);
  for (const readings of choices) {
    const room = Math.floor(maxWays / ways.length);
    const kept = readings.slice(0, Math.max(1, room));
    ways = kept.flatMap((reading) => ways.map((way) => [...way, reading]));
  }
  return ways;
}

/** The readings joined, as people type them: doupocangqiong. */
export function joinedOf(units: readonly PronunciationUnit[]): readonly string[] {
  return distinct(waysOf(units).map((way) => way.join("")));
}

/** The first letters: dpcq. Other letters and digits are used whole (VR, 1984) or by their first (v, 1). */
export function initialsOf(units: readonly PronunciationUnit[]): readonly string[] {
  const ways = waysOf(units).map((way) =>
    way.map((reading, index) => (units[index]?.isHan ? first(reading) : reading)),
  );
  const short = ways.map((way) => way.map(first));
  return distinct([...ways, ...short].map((way) => way.join("")));
}

/** Letters in the form in which pinyin is compared: lower case, without accents, u for ü and v (nǚ, nü, nv, nu). */
export function plainLetters(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase().replaceAll("v", "u").replaceAll("u:", "u");
}

function readAlone(character: string): string {
  return pinyin(character, { toneType: "none", v: true });
}

function first(reading: string): string {
  return [...reading][0] ?? "";
}

function distinct(list: readonly string[]): readonly string[] {
  return [...new Set(list)];
}
