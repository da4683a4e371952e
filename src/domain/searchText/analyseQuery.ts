import { keyOf, normalise } from "./normalise.ts";
import { joinedOf, type PronunciationUnit, plainLetters, pronunciationsOf, waysOf } from "./pinyin.ts";
import { type Unit, unitsOf } from "./syllables.ts";
import { nearKeysOf, sortedKeyOf } from "./titles.ts";

/** A search query, analysed. */
export type AnalysedQuery = {
  /** Normalised; words are separated by one space. */
  readonly text: string;
  /** The different words. */
  readonly words: readonly string[];
  readonly key: string;
  /** The keys with one character removed, for misspelt names. */
  readonly nearKeys: readonly string[];
  readonly sortedKey: string;
  /** The Chinese characters of the query. */
  readonly han: string;
  /** Whether the query has letters, which may be pinyin. */
  readonly hasLetters: boolean;
  /** The query in pinyin spelling (u for ü and v) if it consists of letters only, full pinyin or initials; otherwise "". */
  readonly letters: string;
  /** The whole query as joined pinyin, in its possible readings. */
  readonly joined: readonly string[];
  /** Sequences of whole syllables (dou.) and first letters of syllables (c), in their possible segmentations. */
  readonly syllables: readonly string[];
};

/**
 * The maximum number of characters (code points) of a query, and of words in it. A reader may type as many characters; some of them stand
 * for several others (㍿ for 株式会社), and the index refuses longer prefixes than 1,000.
 */
const maxCharacters = 100;
const maxWords = 20;
/** The maximum number of readings, and of syllable sequences, that are searched for. */
const maxWays = 4;
const maxSequences = 8;
/** The maximum number of letters that are searched for as initials. */
const maxInitials = 12;

/** Analyses what a reader typed; the parts that need its pinyin, which is slow to look up, when they are first asked for. */
export function analyseQuery(query: string): AnalysedQuery {
  const typed = bounded(query);
  const text = normalise(typed);
  const key = keyOf(typed);
  const letters = plainLetters(key);
  const units = once(() => pronunciationsOf(typed));
  const joined = once(() => joinedOf(units()));
  const syllables = once(() => syllablesOf(units()));
  return {
    text,
    key,
    words: wordsOf(text),
    hasLetters: /[a-z]/.test(letters),
    letters: /^[a-z]+$/.test(letters) ? letters : "",
    get nearKeys() {
      return nearKeysOf(key);
    },
    get sortedKey() {
      return sortedKeyOf(key);
    },
    get han() {
      return units()
        .flatMap(({ isHan, written }) => (isHan ? [written] : []))
        .join("");
    },
    get joined() {
      return joined();
    },
    get syllables() {
      return syllables();
    },
  };
}

/** The different words of a query, normalised, as far as they are searched for and marked. */
export function queryWords(query: string): readonly string[] {
  return wordsOf(normalise(bounded(query)));
}

/** Between words: a space, or + and # that end no name as those of C++ and C# do ("斗破苍穹+天蚕土豆"). */
const betweenWords = / |(?<![a-z0-9+#])[+#]+/;

function wordsOf(text: string): readonly string[] {
  return [...new Set(text.split(betweenWords))].filter((word) => word !== "").slice(0, maxWords);
}

/** The beginning of a query that stands for so many characters as may be. */
function bounded(query: string): string {
  let left = maxCharacters;
  let end = 0;
  for (const character of query) {
    left -= [...character.normalize("NFKC").toLowerCase()].length;
    if (left < 0) break;
    end += character.length;
  }
  return query.slice(0, end);
}

function once<Made>(make: () => Made): () => Made {
  let made: { readonly value: Made } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function syllablesOf(units: readonly PronunciationUnit[]): readonly string[] {
  return waysOf(units)
    .slice(0, maxWays)
    .flatMap((way) => sequencesOf(units, way))
    .slice(0, maxSequences);
}

/**
 * The first `maxSequences` sequences of one way to read the units. Those beyond are dropped at each unit, since they would only
 * follow: 50 units with two choices each have 2^50. Choices of a unit differ, and so do the sequences, also those of other ways.
 */
function sequencesOf(units: readonly PronunciationUnit[], way: readonly string[]): readonly string[] {
  let sequences = [""];
  way.forEach((reading, index) => {
    const isLast = index === way.length - 1;
    const choices = units[index]?.isHan ? [`${reading}.`] : typedChoices(reading, isLast);
    sequences = choices
      .flatMap((choice) => sequences.map((sequence) => (sequence === "" ? choice : `${sequence} ${choice}`)))
      .slice(0, maxSequences);
  });
  return sequences;
}

/**
 * The sequences that letters may be, each once. The last syllable may be incomplete: xi may also be the beginning of xing. Letters
 * that cannot be pinyin are a word of their own.
 */
function typedChoices(letters: string, isLast: boolean): readonly string[] {
  const ways = unitsOf(letters);
  if (ways.length === 0) return [isLast ? letters : `${letters}.`];
  const written = ({ letters, isWhole }: Unit, isEnd: boolean) => (isWhole && !isEnd ? `${letters}.` : letters);
  const read = ways.map((units) => units.map((unit, index) => written(unit, isLast && index === units.length - 1)));
  // Initials may look like syllables: sh in 十洪, a in 案.
  const all = letters.length <= maxInitials ? [...read, [...letters]] : read;
  return [...new Set(all.map((sequence) => sequence.join(" ")))];
}
