import { keyOf } from "../../../src/domain/searchText/normalise.ts";
import { mistakesBetween } from "./distance.ts";
import { hanLength } from "./library.ts";
import type { Kind } from "./written.ts";

/** Names of this many characters: a shorter one with a mistake is not recognizable. */
const least = 4;

const mistake =
  (make: (characters: readonly string[], at: number, other: string) => readonly string[]): Kind =>
  (row, library, random) => {
    const characters = [...row.title];
    if (hanLength(row.title) < least) return undefined;
    const query = make(characters, random.between(0, characters.length - 2), random.pick(library.characters)).join("");
    // It may be the name of another book, or unchanged.
    if (library.titled(query).size > 0) return undefined;
    const key = keyOf(query);
    const isNear = (titleKey: string) =>
      Math.abs(titleKey.length - key.length) <= 1 && mistakesBetween(titleKey, key) === 1;
    // If two titles differ by one mistake it is unknown which was meant.
    return { query, right: library.where(({ titleKey }) => isNear(titleKey)), of: row.title };
  };

/** Titles with one mistake. */
export const mistyped: Readonly<Record<string, Kind>> = {
  "wrong character": mistake((characters, at, other) => characters.with(at, other)),
  "missing character": mistake((characters, at) => characters.toSpliced(at, 1)),
  "character too many": mistake((characters, at, other) => characters.toSpliced(at, 0, other)),
  "swapped characters": mistake((characters, at) =>
    characters.with(at, characters[at + 1] ?? "").with(at + 1, characters[at] ?? ""),
  ),
};
