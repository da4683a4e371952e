import type { CataloguedBook, PublishedChapter } from "../domain/library/events.ts";
import type { Account } from "./account.ts";

/** A parsed chapter: `no` counts from 1, including prefaces; `text` has LF line ends, without the heading. */
export type ParsedChapter = Pick<PublishedChapter, "no" | "title" | "volume" | "kind"> & {
  readonly text: string;
  /**
   * Fields that the file does not state: these values are for a new chapter, and a published one keeps its own (`keepHeadings`).
   */
  readonly unstated?: readonly ("title" | "volume" | "text")[] | undefined;
};

/** A cover found in a book's file, with the media type detected from its first bytes. */
export type ParsedCover = { readonly bytes: Uint8Array; readonly contentType: string };

/** Values of a new book for fields that its file does not state: guesses from the file's name, and the catch-all of a mapping. */
export type IfNew = {
  readonly [Field in "source" | "title" | "author" | "channel" | "category"]?: CataloguedBook[Field] | undefined;
};

/** A parsed book, independent of the file's format. What its file does not say is undefined. */
export type ParsedBook = {
  readonly title: string | undefined;
  readonly author: string | undefined;
  readonly intro: string | undefined;
  readonly channel: CataloguedBook["channel"] | undefined;
  readonly category: string | undefined;
  /** One of `category`; null if the book has none. */
  readonly subCategory?: string | null | undefined;
  readonly status: CataloguedBook["status"] | undefined;
  /** The word count as stated by the source; that of chapters is computed when they are published. */
  readonly words?: number | undefined;
  /** An http or https URL of the cover. */
  readonly coverUrl?: string | undefined;
  readonly cover?: ParsedCover | undefined;
  /** The source and the book's id there, if the file has them; ids are strings, even if numeric. */
  readonly source?: CataloguedBook["source"] | undefined;
  readonly ifNew?: IfNew | undefined;
  /** The language in the file (BCP 47), such as zh-CN. */
  readonly language?: string | undefined;
  /** The encoding of the text, by its lower-case WHATWG name: utf-8, gb18030, utf-16le, utf-16be, big5. */
  readonly encoding?: string | undefined;
  /** The SHA-256 of a file that is one book. */
  readonly fileSha256?: string | undefined;
  /** The amount of the file's text that was read and kept; undefined for a book of a catalogue. */
  readonly account?: Account | undefined;
  /** Empty for a book of a catalogue, which has no text. */
  readonly chapters: readonly ParsedChapter[];
};

/** Title and author of a parsed book: as its file states them, else as they are guessed. */
export function namesOf({ title, author, ifNew = {} }: Pick<ParsedBook, "title" | "author" | "ifNew">): {
  readonly title: string;
  readonly author: string | undefined;
} {
  return { title: title ?? ifNew.title ?? "无题", author: author ?? ifNew.author };
}

/** A file that cannot be imported as a book. The message names the file and the reason. */
export class UnusableBookFile extends Error {
  override readonly name = "UnusableBookFile";
}
