import { categoryId } from "../../../src/projections/library/categoryId.ts";
import { titleKeyOf } from "../../../src/projections/library/titleKey.ts";
import type { LoggedEvent } from "./log.ts";

type Row = Record<string, unknown>;
type Chapter = Row & { readonly no: number };

/** The library as the log has it: books by id, chapters by `book no`, drafts by `book edition no`. */
export function foldBooks(events: readonly LoggedEvent[]) {
  const books = new Map<string, Row>();
  const chapters = new Map<string, Row>();
  const drafts = new Map<string, Row & { readonly edition: number }>();
  for (const { type, stream, data, created, position } of events) {
    if (!stream.startsWith("book-")) continue;
    const id = stream.slice("book-".length);
    const book = books.get(id);
    const updated = { updated_at: created, updated_position: position };
    switch (type) {
      case "BookCatalogued": {
        const { title, author, intro, channel, category, status, words } = data;
        const unpublished = { edition: null, chapters: 0, published_at: null, grown_at: null, withdrawn_at: null };
        const before = book ?? { ...unpublished, catalogued_at: created, catalogued_position: position };
        const stated = words === null ? null : BigInt(words as number);
        // The chaos library has neither covers nor sub-categories.
        const none = { sub_category: null, sub_category_id: null, cover_url: null, cover_sha256: null };
        const derived = {
          title_key: titleKeyOf(title as string),
          category_id: categoryId(channel as string, category as string),
          words: before.edition === null ? stated : before.words,
        };
        const told = { title, author, intro, channel, category, status, ...none, ...derived };
        books.set(id, { ...before, book_id: id, ...told, ...updated });
        break;
      }
      case "ChaptersPublished": {
        const edition = data.edition as number;
        for (const { chapterId, ...chapter } of data.chapters as Chapter[])
          drafts.set(`${id} ${edition} ${chapter.no}`, { book_id: id, edition, chapter_id: chapterId, ...chapter });
        break;
      }
      case "BookPublished": {
        const { edition, replaces, totals, changed } = data as {
          edition: number;
          replaces: number;
          totals: { chapters: number; words: number };
          changed: { from: number; to: number }[];
        };
        for (const [key, draft] of drafts)
          if (draft.book_id === id && draft.edition > replaces && draft.edition < edition) drafts.delete(key);
        if (book === undefined) break;
        for (const { from, to } of changed) {
          for (let no = from; no <= to; no++) {
            const { edition: _, ...chapter } = drafts.get(`${id} ${edition} ${no}`) ?? { edition, missing: true };
            if (!("missing" in chapter)) chapters.set(`${id} ${no}`, chapter);
            drafts.delete(`${id} ${edition} ${no}`);
          }
        }
        const grown_at = totals.chapters > (book.chapters as number) ? created : book.grown_at;
        const counted = { grown_at, chapters: totals.chapters, words: BigInt(totals.words) };
        books.set(id, { ...book, edition, ...counted, published_at: book.published_at ?? created, ...updated });
        break;
      }
      default:
        throw new Error(`the fold of the library does not know ${type}`);
    }
  }
  return { books, chapters, drafts: drafts as Map<string, Row> };
}

/** On how many shelves each book lies, by book. */
export function foldCollected(events: readonly LoggedEvent[]): Map<string, Row> {
  const shelves = new Map<string, number>();
  for (const { type, data } of events) {
    const book = data.bookId as string;
    const now = shelves.get(book);
    if (type === "BookAddedToShelf" || type === "BookReturnedToShelf") shelves.set(book, (now ?? 0) + 1);
    if (type === "BookRemovedFromShelf" && now !== undefined) shelves.set(book, now - 1);
  }
  return new Map([...shelves].map(([book, count]) => [book, { book_id: book, shelves: count }]));
}
