import type { CataloguedBook, PublishedChapter } from "../domain/library/events.ts";
import { kindOf, numberedTitle } from "../library-import/headingNames.ts";
import { bookIdOf } from "../library-import/ids.ts";
import { webAddress } from "../library-import/jsonl/record.ts";
import { maxLengths } from "../library-import/limits.ts";
import type { ParsedBook, ParsedChapter } from "../library-import/parsedBook.ts";
import { countedPlainText, plainLine, plainParagraphs } from "../library-import/plainText.ts";
import type { RecordPlace } from "./records.ts";
import { idIfAny, idIn, numberIn, optional, type ReportField, type Row, textIn, UnusableRow } from "./values.ts";

/** A chapter of the course, without its text. */
export type CourseChapter = { readonly id: number; readonly title: string; readonly volumeId: number | undefined };

/** A book of the course, without its chapters; `bookId` is our id of it. */
export type CourseBook = {
  readonly id: number;
  readonly bookId: string;
  readonly parsed: Omit<ParsedBook, "chapters">;
};

const channels: Readonly<Record<number, CataloguedBook["channel"]>> = { 1: "male", 2: "female", 3: "published" };
const states: Readonly<Record<number, ParsedBook["status"]>> = { 1: "serialising", 2: "finished" };

/** The categories of the course; a book refers to one of the second level. */
export type Categories = {
  readonly big: Map<number, { readonly name: string; readonly channel: CataloguedBook["channel"] | undefined }>;
  readonly small: Map<number, string>;
  /** First-level categories by second-level category. */
  readonly above: Map<number, number[]>;
};

export const noCategories = (): Categories => ({ big: new Map(), small: new Map(), above: new Map() });

/** Adds a row of one of the three category tables. Throws UnusableRow. */
export function addCategory(
  { big, small, above }: Categories,
  table: "book_big_category" | "book_category" | "book_category_relation",
  row: Row,
  report: ReportField,
): void {
  const id = idIn(row, "cate_id");
  if (table === "book_category_relation") {
    above.set(id, [...(above.get(id) ?? []), idIn(row, "big_cate_id")]);
    return;
  }
  const name = plainLine(textIn(row, "cate_name"), maxLengths.category);
  if (name === "") throw new UnusableRow("cate_name is empty");
  if (table === "book_category") small.set(id, name);
  else big.set(id, { name, channel: channels[optional(report, () => numberIn(row, "channel")) ?? 0] });
}

/** Parses a row of `book`; a cover that is not a URL is a file below `coverBase`. Throws UnusableRow. */
export function bookOf(
  row: Row,
  categories: Categories,
  coverBase: string | undefined,
  report: ReportField,
): CourseBook {
  const id = idIn(row, "book_id");
  const title = plainLine(textIn(row, "book_name"), maxLengths.title);
  if (title === "") throw new UnusableRow("book_name is empty");
  const channel = channels[optional(report, () => numberIn(row, "channel_type")) ?? 0];
  const source = { name: "course", id: String(id) };
  const parsed = {
    title,
    author: plainLine(textIn(row, "author_name"), maxLengths.author) || undefined,
    intro: plainParagraphs(textIn(row, "intro"), maxLengths.intro) || undefined,
    ...placedIn(row, channel, categories, report),
    status: states[optional(report, () => numberIn(row, "status")) ?? 0],
    words: optional(report, () => idIfAny(row, "word_count")),
    coverUrl: coverOf(textIn(row, "cover").trim(), coverBase),
    source,
  };
  return { id, bookId: bookIdOf(source), parsed };
}

/**
 * The category is a first-level one, of several that of the book's channel; the sub-category is the book's own. If the files do not
 * tell both, a book that has a category keeps it.
 */
function placedIn(
  row: Row,
  channel: CataloguedBook["channel"] | undefined,
  { big, small, above }: Categories,
  report: ReportField,
) {
  const cateId = optional(report, () => idIfAny(row, "cate_id"));
  const named = plainLine(textIn(row, "cate_name"), maxLengths.category) || (cateId && small.get(cateId)) || undefined;
  const listed = cateId === undefined ? undefined : above.get(cateId);
  const parents = (listed ?? []).flatMap((parent) => big.get(parent) ?? []);
  const ofChannel = parents.find((one) => channel !== undefined && one.channel === channel);
  const parent = ofChannel ?? (new Set(listed).size === 1 ? parents[0] : undefined);
  if (parent !== undefined && named !== undefined)
    return { channel: channel ?? parent.channel, category: parent.name, subCategory: named };
  const hasNoParent = cateId !== undefined && listed === undefined && big.size > 0 && above.size > 0;
  if (hasNoParent) return { channel, category: named };
  const guessed = ofChannel ?? parents[0];
  return {
    channel: channel ?? parent?.channel,
    category: undefined,
    subCategory: guessed && named,
    ifNew: { channel: guessed?.channel, category: guessed?.name ?? named },
  };
}

function coverOf(cover: string, base: string | undefined): string | undefined {
  const address = webAddress(cover);
  if (address !== undefined || cover === "" || base === undefined) return address;
  return webAddress(`${base.replace(/\/$/, "")}/${cover.replace(/^\//, "")}`);
}

/** Parses a row of `book_chapters`. Throws UnusableRow. */
export function chapterOf(row: Row, report: ReportField): { readonly bookId: number; readonly chapter: CourseChapter } {
  const title = plainLine(textIn(row, "chapter_name"), maxLengths.heading);
  const chapter = { id: idIn(row, "chapter_id"), title, volumeId: optional(report, () => idIfAny(row, "volume_id")) };
  return { bookId: idIn(row, "book_id"), chapter };
}

/**
 * A chapter with its number in the book and its text, without surrounding white space. A published one keeps the volume and the
 * title that the files do not tell, but not a title that only was its number.
 */
export function parsedChapter(
  chapter: CourseChapter,
  volumes: ReadonlyMap<number, string> | undefined,
  no: number,
  text: string,
  published: PublishedChapter | undefined,
): ParsedChapter {
  const named = chapter.volumeId === undefined ? undefined : volumes?.get(chapter.volumeId);
  const kept = published === undefined || published.title === numberedTitle(published.no) ? "" : published.title;
  const title = chapter.title || kept || numberedTitle(no);
  return { no, title, volume: named || (published?.volume ?? null), kind: kindOf(title), text };
}

/** The text of a chapter as it is published, from the text in the course, and how many of its letters were left out (`withoutTags`). */
export function chapterText(content: string): { readonly text: string; readonly hidden: number } {
  const { text, hidden } = countedPlainText(content);
  return { text: text.replace(/^(?:[^\S\n]*\n)+|\s+$/gu, ""), hidden };
}

/** The places of chapter texts in the files, by book and chapter. */
export type TextPlaces = Map<number, Map<number, RecordPlace>>;
