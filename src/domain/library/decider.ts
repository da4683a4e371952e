import { isDeepStrictEqual } from "node:util";
import type { Decider, Refusal } from "../decider.ts";
import type { CataloguedBook, LibraryEvent, PublishedChapter } from "./events.ts";

/** An edition being published or published: its chapters in order, and the digest that names its contents. */
type Edition = {
  readonly edition: number;
  readonly digest: string;
  readonly chapters: readonly PublishedChapter[];
  readonly words: number;
};

/** A book: what the catalogue says of it, the edition that readers see and the one being written, if any. */
export type Book = {
  readonly catalogued?: CataloguedBook;
  readonly published?: Edition;
  readonly draft?: Edition;
};

/** A chapter as an import offers it: `newChapterId` is used unless an earlier edition had the chapter. */
export type OfferedChapter = Omit<PublishedChapter, "chapterId"> & { readonly newChapterId: string };

export type LibraryCommand =
  | { readonly type: "CatalogueBook"; readonly book: CataloguedBook }
  | { readonly type: "PublishChapters"; readonly digest: string; readonly chapters: readonly OfferedChapter[] }
  | { readonly type: "PublishBook"; readonly digest: string; readonly chapters: number };

export const libraryDecider: Decider<Book, LibraryCommand, LibraryEvent> = {
  initialState: {},

  evolve(book, event) {
    switch (event.type) {
      case "BookCatalogued":
        return { ...book, catalogued: event.data };
      case "ChaptersPublished": {
        const { edition, digest, chapters, totals } = event.data;
        const before = book.draft?.edition === edition ? book.draft.chapters : [];
        return { ...book, draft: { edition, digest, chapters: [...before, ...chapters], words: totals.words } };
      }
      case "BookPublished": {
        const { draft, ...rest } = book;
        return draft?.edition === event.data.edition ? { ...rest, published: draft } : book;
      }
    }
  },

  decide(command, book) {
    if (command.type === "CatalogueBook") {
      const same = isDeepStrictEqual(book.catalogued, command.book);
      return same ? [] : [{ type: "BookCatalogued", data: command.book }];
    }
    if (book.catalogued === undefined) {
      return { refused: "book_not_catalogued", detail: "Catalogue the book before its chapters." };
    }
    if (book.published?.digest === command.digest) return [];
    return command.type === "PublishChapters"
      ? publishChapters(book, command.digest, command.chapters)
      : publishBook(book, command.digest, command.chapters);
  },
};

function publishChapters(
  book: Book,
  digest: string,
  offered: readonly OfferedChapter[],
): readonly LibraryEvent[] | Refusal {
  const draft = book.draft?.digest === digest ? book.draft : undefined;
  const written = draft?.chapters ?? [];
  const first = offered[0]?.no ?? 0;
  const last = offered.at(-1)?.no ?? 0;
  if (draft !== undefined && last <= written.length) return [];
  if (first !== written.length + 1 || offered.some((chapter, index) => chapter.no !== first + index)) {
    return { refused: "chapters_out_of_order", detail: `Chapter ${written.length + 1} of this edition comes next.` };
  }
  const edition = draft?.edition ?? Math.max(book.published?.edition ?? 0, book.draft?.edition ?? 0) + 1;
  const chapters = keepChapterIds(book.published?.chapters ?? [], written, offered);
  const words = (draft?.words ?? 0) + chapters.reduce((sum, chapter) => sum + chapter.words, 0);
  const totals = { chapters: written.length + chapters.length, words };
  return [{ type: "ChaptersPublished", data: { edition, digest, chapters, totals } }];
}

function publishBook(book: Book, digest: string, chapters: number): readonly LibraryEvent[] | Refusal {
  const { draft } = book;
  if (draft === undefined || draft.digest !== digest || draft.chapters.length !== chapters) {
    return { refused: "edition_incomplete", detail: "Publish the chapters of this edition first." };
  }
  const totals = { chapters: draft.chapters.length, words: draft.words };
  return [{ type: "BookPublished", data: { edition: draft.edition, digest, totals } }];
}

/**
 * Gives each offered chapter the id that the published edition has for its heading, else for its text, else the offered
 * new one. An id is given once in an edition, so that chapters with equal headings keep their order.
 */
function keepChapterIds(
  published: readonly PublishedChapter[],
  written: readonly PublishedChapter[],
  offered: readonly OfferedChapter[],
): PublishedChapter[] {
  const taken = new Set(written.map((chapter) => chapter.chapterId));
  const byTitle = groupBy(published, (chapter) => chapter.title);
  const byText = groupBy(published, (chapter) => chapter.sha256);
  const firstFree = (candidates: readonly PublishedChapter[] = []) =>
    candidates.find((candidate) => !taken.has(candidate.chapterId))?.chapterId;
  return offered.map(({ newChapterId, ...chapter }) => {
    const known = firstFree(byTitle.get(chapter.title)) ?? firstFree(byText.get(chapter.sha256));
    const chapterId = known ?? newChapterId;
    taken.add(chapterId);
    return { chapterId, ...chapter };
  });
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
