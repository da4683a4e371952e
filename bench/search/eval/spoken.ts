import { pinyin } from "pinyin-pro";
import { keyOf } from "../../../src/domain/searchText/normalise.ts";
import { hanLength, type Library } from "./library.ts";
import type { Kind } from "./written.ts";

const read = new Map<string, string[]>();

function syllablesOf(text: string): readonly string[] {
  const known = read.get(text) ?? pinyin(text, { toneType: "none", type: "array", v: true });
  read.set(text, known);
  return known;
}
const joinedOf = (text: string) => syllablesOf(text).join("");
const initialsOf = (text: string) =>
  syllablesOf(text)
    .map((syllable) => syllable.slice(0, 1))
    .join("");

/** The books whose title sounds the same. */
function soundingLike(library: Library, title: string, sound: (text: string) => string) {
  const wanted = sound(title);
  return library.where((row) => row.title.length === title.length && sound(row.title) === wanted);
}

const pinyinOf =
  (least: number, most: number, separator: string): Kind =>
  (row, library) => {
    const length = hanLength(row.title);
    if (length < least || length > most) return undefined;
    return {
      query: syllablesOf(row.title).join(separator),
      right: soundingLike(library, row.title, joinedOf),
      of: row.title,
    };
  };

const umlaut =
  (letter: string): Kind =>
  (row, library) => {
    if (hanLength(row.title) < 2 || !joinedOf(row.title).includes("v")) return undefined;
    const query = joinedOf(row.title).replaceAll("v", letter);
    const plain = (text: string) => joinedOf(text).replaceAll("v", "u");
    return { query, right: soundingLike(library, row.title, plain), of: row.title };
  };

/** Names written by their sound. */
export const spoken: Readonly<Record<string, Kind>> = {
  pinyin: pinyinOf(2, 9, ""),
  "pinyin with spaces": pinyinOf(2, 9, " "),
  "pinyin of long titles": pinyinOf(10, 100, ""),
  "pinyin, v for ü": umlaut("v"),
  "pinyin, u for ü": umlaut("u"),
  "pinyin of authors": (row, library) => {
    if (hanLength(row.author) < 2) return undefined;
    const sound = (text: string) =>
      pinyin(text, { toneType: "none", type: "array", v: true, surname: "head" }).join("");
    const query = sound(row.author);
    const right = library.where(({ author, title }) => sound(author) === query || joinedOf(title) === query);
    return { query, right, of: `${row.title} / ${row.author}` };
  },
  initials: (row, library) => {
    if (hanLength(row.title) < 3) return undefined;
    return { query: initialsOf(row.title), right: soundingLike(library, row.title, initialsOf), of: row.title };
  },
  "Han and pinyin": (row, library, random) => {
    const syllables = syllablesOf(row.title);
    if (hanLength(row.title) < 3) return undefined;
    const at = random.between(1, syllables.length - 1);
    const query = [...row.title].map((character, index) => (index === at ? syllables[index] : character)).join("");
    const others = (text: string) => [...text].filter((_, index) => index !== at).join("") + syllablesOf(text)[at];
    return { query, right: soundingLike(library, row.title, others), of: row.title };
  },
  "Han and initials": (row, library, random) => {
    if (hanLength(row.title) < 4) return undefined;
    const from = random.between(2, hanLength(row.title) - 1);
    const query = row.title.slice(0, from) + initialsOf(row.title).slice(from);
    const mixed = (text: string) => text.slice(0, from) + initialsOf(text).slice(from);
    return { query, right: soundingLike(library, row.title, mixed), of: row.title };
  },
  homophone: (row, library, random) => {
    const characters = [...row.title];
    if (hanLength(row.title) < 4) return undefined;
    const at = random.between(0, characters.length - 1);
    const sound = syllablesOf(row.title)[at];
    const others =
      homophones(library)
        .get(sound ?? "")
        ?.filter((other) => keyOf(other) !== keyOf(characters[at] ?? "")) ?? [];
    if (others.length === 0) return undefined;
    const query = characters.with(at, random.pick(others)).join("");
    return library.titled(query).size > 0
      ? undefined
      : { query, right: soundingLike(library, row.title, joinedOf), of: row.title };
  },
};

let known: ReadonlyMap<string, readonly string[]> | undefined;

function homophones({ characters }: Library): ReadonlyMap<string, readonly string[]> {
  if (known === undefined) {
    const found = new Map<string, string[]>();
    for (const character of new Set(characters)) {
      const sound = joinedOf(character);
      found.set(sound, [...(found.get(sound) ?? []), character]);
    }
    known = found;
  }
  return known;
}
