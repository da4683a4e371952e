import type { CataloguedBook } from "../domain/library/events.ts";
import { txtSource } from "./ids.ts";
import { namesOf, type ParsedBook } from "./parsedBook.ts";
import { isPlaceholder } from "./placeholders.ts";

/** Catalogue data from the importer, which takes precedence over the file's. */
export type CatalogueOptions = {
  readonly title?: string | undefined;
  readonly author?: string | undefined;
  readonly channel?: CataloguedBook["channel"] | undefined;
  readonly category?: string | undefined;
};

/** The data with which a new book is catalogued, and the fields of it that replace those of a book that is catalogued already. */
export type OfferedBook = { readonly book: CataloguedBook; readonly known: readonly (keyof CataloguedBook)[] };

/**
 * The catalogue data of a parsed book. Fields that neither the file nor the options state are guessed (`ifNew`) or have a default
 * in a new book, and stay in a catalogued one; so no default may depend on what can come later, such as the text. A title or an
 * author like 未知 counts as not stated. If the same file made that book before (`isSameFile`), its fields stay too wherever an
 * option could have replaced them.
 */
export function offeredBook(
  parsed: ParsedBook,
  options: CatalogueOptions,
  { coverSha256, isSameFile }: { readonly coverSha256?: string | undefined; readonly isSameFile: boolean },
): OfferedBook {
  const { ifNew = {} } = parsed;
  const names = namesOf(parsed);
  const title = options.title ?? names.title;
  const author = options.author ?? names.author ?? "佚名";
  const book: CataloguedBook = {
    source: parsed.source ?? ifNew.source ?? txtSource(title, author),
    title,
    author,
    intro: parsed.intro ?? "",
    channel: options.channel ?? parsed.channel ?? ifNew.channel ?? "published",
    category: options.category ?? parsed.category ?? ifNew.category ?? "其他",
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
    title: isSaid(options.title, named(parsed.title)),
    author: isSaid(options.author, named(parsed.author)),
    intro: parsed.intro !== undefined,
    channel: isSaid(options.channel, parsed.channel),
    category: isPlaced,
    subCategory: isPlaced && options.category === undefined && parsed.subCategory !== undefined,
    status: parsed.status !== undefined,
    words: parsed.words !== undefined,
    cover: book.cover !== null,
  };
  return { book, known: (Object.keys(isKnown) as (keyof CataloguedBook)[]).filter((field) => isKnown[field]) };
}

/** A title or an author that is a name; undefined for a placeholder. */
function named(read: string | undefined): string | undefined {
  return read === undefined || isPlaceholder(read) ? undefined : read;
}

function coverOf(sha256: string | undefined, url: string | undefined): CataloguedBook["cover"] {
  if (sha256 !== undefined) return { sha256 };
  return url === undefined ? null : { url };
}
