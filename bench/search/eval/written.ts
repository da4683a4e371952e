import { Converter } from "opencc-js/cn2t";
import { keyOf } from "../../../src/domain/searchText/normalise.ts";
import type { Random } from "../../../tests/chaos/random.ts";
import { type Case, hanLength, isHan, type Known, type Library } from "./library.ts";

const traditional = Converter({ from: "cn", to: "tw" });

/** Creates a case from a book, or none if the book has no suitable text. */
export type Kind = (row: Known, library: Library, random: Random) => Case | undefined;

const contains = (library: Library, part: string) => {
  const key = keyOf(part);
  return library.where(({ titleKey, authorKey }) => titleKey.includes(key) || authorKey.includes(key));
};

const fragment =
  (length: number): Kind =>
  (row, library, random) => {
    const characters = [...row.title];
    if (characters.length <= length) return undefined;
    const from = random.between(0, characters.length - length);
    const part = characters.slice(from, from + length);
    if (!part.every(isHan)) return undefined;
    const query = part.join("");
    return { query, right: contains(library, query), of: row.title };
  };

/** Names and parts of them, as they are written. */
export const written: Readonly<Record<string, Kind>> = {
  title: (row, library) => ({ query: row.title, right: library.titled(row.title), of: row.title }),
  author: (row, library) => ({
    query: row.author,
    right: library.where(({ authorKey, titleKey }) => authorKey === row.authorKey || titleKey === row.authorKey),
    of: row.title,
  }),
  "two characters": fragment(2),
  "three characters": fragment(3),
  "one character": fragment(1),
  traditional: (row, library) => {
    const query = traditional(row.title);
    return query === row.title ? undefined : { query, right: library.titled(row.title), of: row.title };
  },
  "title with author": (row, library, random) => {
    const right = library.where(({ title, author }) => title === row.title && author === row.author);
    const pair = random.next() < 0.5 ? [row.title, row.author] : [row.author, row.title];
    return { query: pair.join(random.next() < 0.5 ? " " : ""), right, of: row.title };
  },
  "a piece of the intro": (row, library, random) => {
    const pieces = row.introKey.split(" ").filter((piece) => hanLength(piece) >= 8);
    if (pieces.length === 0) return undefined;
    const characters = [...random.pick(pieces)];
    const from = random.between(0, characters.length - 8);
    const query = characters.slice(from, from + 8).join("");
    return { query, right: library.where(({ introKey }) => introKey.includes(query)), of: row.title };
  },
  "words of the intro": (row, library, random) => {
    const pieces = row.introKey.split(" ").filter((piece) => hanLength(piece) >= 4);
    if (pieces.length < 3) return undefined;
    const words = random
      .shuffle(pieces)
      .slice(0, 3)
      .map((piece) => {
        const characters = [...piece];
        const length = random.between(2, 4);
        const from = random.between(0, characters.length - length);
        return characters.slice(from, from + length).join("");
      });
    const right = library.where(({ introKey }) => words.every((word) => introKey.includes(word)));
    return { query: words.join(" "), right, of: row.title };
  },
};
