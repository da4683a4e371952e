import type { CataloguedBook } from "../domain/library/events.ts";
import { txtSource } from "./ids.ts";
import type { ParsedBook } from "./parsedBook.ts";

/** Catalogue data from the importer, which takes precedence over the file's. */
export type CatalogueOptions = {
  readonly title?: string | undefined;
  readonly author?: string | undefined;
  readonly channel?: CataloguedBook["channel"] | undefined;
  readonly category?: string | undefined;
};

/** What a new book is catalogued with, and the fields of it that replace those of a book that is catalogued already. */
export type OfferedBook = { readonly book: CataloguedBook; readonly known: readonly (keyof CataloguedBook)[] };

/**
 * The catalogue data of a parsed book. What neither the file nor the options say has a default in a new book, and stays in a
 * catalogued one; so no default may depend on what can come later, such as the text. If the same file made that book before
 * (`isSameFile`), its words stay too wherever an option could have replaced them.
 */
export function offeredBook(
  parsed: ParsedBook,
  options: CatalogueOptions,
  { coverSha256, isSameFile }: { readonly coverSha256?: string | undefined; readonly isSameFile: boolean },
): OfferedBook {
  const title = options.title ?? parsed.title;
  const author = options.author ?? parsed.author ?? "佚名";
  const book: CataloguedBook = {
    source: parsed.source ?? txtSource(title, author),
    title,
    author,
    intro: parsed.intro ?? "",
    channel: options.channel ?? parsed.channel ?? "published",
    category: options.category ?? parsed.category ?? parsed.categoryIfNew ?? "其他",
    subCategory: options.category === undefined ? (parsed.subCategory ?? null) : null,
    status: parsed.status ?? "finished",
    words: parsed.words ?? null,
    cover: coverOf(coverSha256, parsed.coverUrl),
  };
  const isSaid = (option: string | undefined, read: string | undefined) =>
    option !== undefined || (read !== undefined && !isSameFile);
  const isPlaced = isSaid(options.category, parsed.category);
  const isKnown: Readonly<Record<keyof CataloguedBook, boolean>> = {
    source: parsed.source !== undefined,
    title: isSaid(options.title, parsed.title),
    author: isSaid(options.author, parsed.author),
    intro: parsed.intro !== undefined,
    channel: isSaid(options.channel, parsed.channel),
    category: isPlaced,
    subCategory: isPlaced,
    status: parsed.status !== undefined,
    words: parsed.words !== undefined,
    cover: book.cover !== null,
  };
  return { book, known: (Object.keys(isKnown) as (keyof CataloguedBook)[]).filter((field) => isKnown[field]) };
}

function coverOf(sha256: string | undefined, url: string | undefined): CataloguedBook["cover"] {
  if (sha256 !== undefined) return { sha256 };
  return url === undefined ? null : { url };
}
