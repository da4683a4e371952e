import type { CataloguedBook, PublishedChapter } from "../domain/library/events.ts";
import type { Account } from "./account.ts";

/** A chapter as a parser found it: `no` counts from 1, a preface included; `text` has LF ends, its heading left out. */
export type ParsedChapter = Pick<PublishedChapter, "no" | "title" | "volume" | "kind"> & { readonly text: string };

/** A cover found inside a book's file, with the media type that its first bytes tell. */
export type ParsedCover = { readonly bytes: Uint8Array; readonly contentType: string };

/** A book as a parser found it, whatever the format of its file. What the file does not say is undefined. */
export type ParsedBook = {
  readonly title: string;
  readonly author: string | undefined;
  readonly intro: string | undefined;
  readonly channel: CataloguedBook["channel"] | undefined;
  readonly category: string | undefined;
  readonly subCategory?: string | undefined;
  readonly status: CataloguedBook["status"] | undefined;
  /** Words as the source states them; those of the chapters are counted by whoever publishes them. */
  readonly words?: number | undefined;
  /** An http or https address of the cover. */
  readonly coverUrl?: string | undefined;
  readonly cover?: ParsedCover | undefined;
  /** The source and the book's id there, when the file names them: ids are strings, whatever number they look like. */
  readonly source?: CataloguedBook["source"] | undefined;
  /** The language as the file names it (BCP 47), such as zh-CN. */
  readonly language?: string | undefined;
  /** The encoding of the text, by its WHATWG name in lower case: utf-8, gb18030, utf-16le, utf-16be, big5. */
  readonly encoding?: string | undefined;
  /** The SHA-256 of a file that is one book. */
  readonly fileSha256?: string | undefined;
  /** What was read and kept of the file's text; a book of a catalogue has none. */
  readonly account?: Account | undefined;
  /** Empty for a book of a catalogue, which has no text. */
  readonly chapters: readonly ParsedChapter[];
};

/** A file that cannot be imported as a book. The message is for people: it names the file and what is wrong with it. */
export class UnusableBookFile extends Error {
  override readonly name = "UnusableBookFile";
}
