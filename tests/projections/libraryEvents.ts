import type { CataloguedBook, LibraryEvent, NumberRange, PublishedChapter } from "../../src/domain/library/events.ts";

const digest = "d".repeat(64);

export const dream: CataloguedBook = {
  source: { name: "txt", id: "红楼梦/曹雪芹" },
  title: "红楼梦",
  author: "曹雪芹",
  intro: "",
  channel: "published",
  category: "古典",
  subCategory: null,
  status: "finished",
  words: null,
  cover: null,
};

export const catalogued = (changed: Partial<CataloguedBook> = {}): LibraryEvent => ({
  type: "BookCatalogued",
  data: { ...dream, ...changed },
});

/** A chapter of a hundred words; its id and its text's hash are derived from edition and number. */
export const chapter = (edition: number, no: number): PublishedChapter => ({
  chapterId: `chapter${String(no).padStart(5, "0")}`,
  no,
  title: `第${no}回`,
  volume: null,
  kind: "chapter",
  sha256: `${edition}${no}`.padEnd(64, "0"),
  length: 120,
  words: 100,
});

export const chaptersPublished = (edition: number, numbers: readonly number[]): LibraryEvent => ({
  type: "ChaptersPublished",
  data: {
    edition,
    digest,
    chapters: numbers.map((no) => chapter(edition, no)),
    totals: { chapters: numbers.length, words: 100 * numbers.length },
  },
});

/** All chapters changed, and the edition before of unknown length, unless `more` says otherwise. */
export const published = (
  edition: number,
  chapters: number,
  more: { replaces?: number; chaptersBefore?: number | null; changed?: NumberRange[] } = {},
): LibraryEvent => ({
  type: "BookPublished",
  data: {
    edition,
    digest,
    totals: { chapters, words: 100 * chapters },
    replaces: edition - 1,
    chaptersBefore: null,
    changed: [{ from: 1, to: chapters }],
    ...more,
  },
});
