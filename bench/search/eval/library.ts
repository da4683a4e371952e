import { keyOf, normalise } from "../../../src/domain/searchText/normalise.ts";
import type { BookRow } from "../../../src/projections/books/document.ts";

/** A book with its names and its intro as searches compare them. */
export type Known = BookRow & { readonly titleKey: string; readonly authorKey: string; readonly introKey: string };

/** A query of the evaluation, and the correct books. */
export type Case = { readonly query: string; readonly right: ReadonlySet<string>; readonly of: string };

/** The books of an evaluation, indexed by common properties. */
export type Library = {
  readonly rows: readonly Known[];
  /** The Chinese characters of all titles, each as often as it occurs. */
  readonly characters: readonly string[];
  /** The books of this title: the catalogues contain some twice. */
  titled(title: string): ReadonlySet<string>;
  /** The books that satisfy the predicate. */
  where(holds: (row: Known) => boolean): ReadonlySet<string>;
};

export function libraryOf(books: readonly BookRow[]): Library {
  const rows = books.map((row) => {
    const [titleKey, authorKey, introKey] = [keyOf(row.title), keyOf(row.author), normalise(row.intro)];
    return { ...row, titleKey, authorKey, introKey };
  });
  const byTitle = new Map<string, Set<string>>();
  for (const { book_id, titleKey } of rows) byTitle.set(titleKey, (byTitle.get(titleKey) ?? new Set()).add(book_id));
  return {
    rows,
    characters: rows.flatMap(({ title }) => [...title].filter(isHan)),
    titled: (title) => byTitle.get(keyOf(title)) ?? new Set(),
    where: (holds) => new Set(rows.filter(holds).map(({ book_id }) => book_id)),
  };
}

export const isHan = (character: string) => /^\p{Script=Han}$/u.test(character);

/** The length of a text of Chinese characters alone; 0 of any other. */
export function hanLength(text: string): number {
  const characters = [...text];
  return characters.every(isHan) ? characters.length : 0;
}
