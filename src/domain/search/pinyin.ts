import { pinyin } from "pinyin-pro";
import { simplify } from "./characters.ts";
import { normalise } from "./normalise.ts";
import { readingsOf } from "./polyphones.ts";

/** One spoken unit of a text: a Chinese character with its readings, the likeliest first, or a run of other letters or digits. */
export type Spoken = { readonly written: string; readonly readings: readonly string[]; readonly isHan: boolean };

/** How many ways of reading one text are kept at most. */
const maxWays = 8;

const han = /^\p{Script=Han}$/u;

/**
 * The pinyin of a text, unit by unit. The likeliest reading is the one in its words (重庆 chong, 重要 zhong; traditional characters are
 * read by their words too); those that readers confuse with it follow. Without tones, with u for ü, as people type nv and nu.
 * `surname`: the text is a name, whose first character is read as one (单 shan).
 */
export function spokenOf(text: string, surname: "head" | "off" = "off"): readonly Spoken[] {
  // Read before it is folded: 乾 alone would be gan, and the separators keep words apart.
  const simplified = simplify(text.normalize("NFKC").toLowerCase());
  const spoken: Spoken[] = [];
  let other = "";
  const flush = () => {
    if (other !== "") spoken.push({ written: other, readings: [plainLetters(other)], isHan: false });
    other = "";
  };
  const characters = [...simplified];
  const read = pinyin(simplified, { toneType: "none", type: "array", v: true, surname });
  characters.forEach((character, index) => {
    const written = normalise(character);
    if (han.test(character)) {
      flush();
      const likely = plainLetters(read.length === characters.length ? (read[index] ?? "") : readAlone(character));
      const readings = [likely || written, ...readingsOf(written).filter((reading) => reading !== likely)];
      spoken.push({ written, readings, isHan: true });
    } else if (written === "") flush();
    else other += written;
  });
  flush();
  return spoken;
}

/** All ways of reading the units, the likeliest first: 8 at most, each a reading for each unit. */
export function waysOf(spoken: readonly Spoken[]): readonly (readonly string[])[] {
  let ways: string[][] = [[]];
  const choices = spoken.map(({ readings }) => readings);
  for (const readings of choices) {
    const room = Math.floor(maxWays / ways.length);
    const kept = readings.slice(0, Math.max(1, room));
    ways = kept.flatMap((reading) => ways.map((way) => [...way, reading]));
  }
  return ways;
}

/** The readings joined, as readers type them: doupocangqiong. */
export function joinedOf(spoken: readonly Spoken[]): readonly string[] {
  return distinct(waysOf(spoken).map((way) => way.join("")));
}

/** First letters: dpcq. Other letters and digits count as a whole (VR, 1984) or by their first (v, 1). */
export function initialsOf(spoken: readonly Spoken[]): readonly string[] {
  const ways = waysOf(spoken).map((way) =>
    way.map((reading, index) => (spoken[index]?.isHan ? first(reading) : reading)),
  );
  const short = ways.map((way) => way.map(first));
  return distinct([...ways, ...short].map((way) => way.join("")));
}

/** Letters as pinyin is compared by: lower case without accents, u for ü and v (nǚ, nü, nv, nu). */
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
