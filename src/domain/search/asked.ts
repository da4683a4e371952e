import { keyOf, normalise } from "./normalise.ts";
import { joinedOf, plainLetters, type Spoken, spokenOf, waysOf } from "./pinyin.ts";
import { type Unit, unitsOf } from "./syllables.ts";
import { nearKeysOf, sortedKeyOf } from "./titles.ts";

/** What a reader typed, as the queries need it. */
export type Asked = {
  /** Normalised, its words separated by one space. */
  readonly text: string;
  readonly words: readonly string[];
  readonly key: string;
  /** Keys with a character missing, for misspelt names. */
  readonly nearKeys: readonly string[];
  readonly sortedKey: string;
  /** The Chinese characters among it. */
  readonly han: string;
  /** It has letters that may be pinyin. */
  readonly hasLetters: boolean;
  /** It is letters throughout, in pinyin's spelling (u for ü and v): pinyin or initials. "" if it is not. */
  readonly letters: string;
  /** All of it in joined pinyin, in the ways that it may be read. */
  readonly joined: readonly string[];
  /** Each a sequence of syllables (dou.) and beginnings of syllables (c), in the ways that it may be meant. */
  readonly syllables: readonly string[];
};

/** How many readings of the characters, and sequences of syllables, are asked for at most. */
const maxWays = 4;
const maxSequences = 8;
/** So many letters may be initials of a name. */
const maxInitials = 12;

/** Reads a query of a reader. */
export function askedOf(typed: string): Asked {
  const text = normalise(typed);
  const key = keyOf(typed);
  const spoken = spokenOf(typed);
  const others = spoken.filter(({ isHan }) => !isHan);
  const isPinyin = others.some(({ readings: [letters = ""] }) => /[a-z]/.test(letters));
  const letters = plainLetters(key);
  return {
    text,
    key,
    words: text === "" ? [] : text.split(" "),
    nearKeys: nearKeysOf(key),
    sortedKey: sortedKeyOf(key),
    han: spoken.flatMap(({ isHan, written }) => (isHan ? [written] : [])).join(""),
    hasLetters: isPinyin,
    letters: /^[a-z]+$/.test(letters) ? letters : "",
    joined: joinedOf(spoken),
    syllables: syllablesOf(spoken),
  };
}

function syllablesOf(spoken: readonly Spoken[]): readonly string[] {
  const sequences = waysOf(spoken)
    .slice(0, maxWays)
    .flatMap((way) => {
      let sequences: string[][] = [[]];
      way.forEach((reading, index) => {
        const unit = spoken[index];
        const isLast = index === way.length - 1;
        const choices = unit?.isHan ? [[`${reading}.`]] : typedChoices(reading, isLast);
        sequences = choices.flatMap((choice) => sequences.map((sequence) => [...sequence, ...choice]));
      });
      return sequences.map((sequence) => sequence.join(" "));
    });
  return [...new Set(sequences)].slice(0, maxSequences);
}

/** The last syllable may go on: xi is then the beginning of xing too. What is no pinyin is a word of its own. */
function typedChoices(letters: string, isLast: boolean): readonly (readonly string[])[] {
  const ways = unitsOf(letters);
  if (ways.length === 0) return [[isLast ? letters : `${letters}.`]];
  const written = ({ letters, isWhole }: Unit, isEnd: boolean) => (isWhole && !isEnd ? `${letters}.` : letters);
  const read = ways.map((units) => units.map((unit, index) => written(unit, isLast && index === units.length - 1)));
  // Initials may look like syllables: sh of 十洪, a of 案.
  return letters.length <= maxInitials ? [...read, [...letters]] : read;
}
