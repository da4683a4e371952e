type Counted = { readonly edition: number | null; readonly words: bigint | null };

/** The words of a book that was catalogued again: of its published edition, or as stated by the source if it has none. */
export function wordsAfterCataloguing(book: Counted | undefined, stated: number | null): bigint | null {
  if (book?.edition != null) return book.words;
  return stated === null ? null : BigInt(stated);
}
