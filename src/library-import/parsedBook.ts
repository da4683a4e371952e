import type { CataloguedBook, PublishedChapter } from "../domain/library/events.ts";

/** A chapter as a parser found it: `no` counts from 1, a preface included; `text` has LF ends, its heading left out. */
export type ParsedChapter = Pick<PublishedChapter, "no" | "title" | "volume" | "kind"> & { readonly text: string };

/** A book as a parser found it, whatever the format of its file. What the file does not say is undefined. */
export type ParsedBook = {
  readonly title: string;
  readonly author: string | undefined;
  readonly intro: string | undefined;
  readonly channel: CataloguedBook["channel"] | undefined;
  readonly category: string | undefined;
  readonly status: CataloguedBook["status"] | undefined;
  readonly chapters: readonly ParsedChapter[];
};

/** A file that cannot be imported as a book. The message is for people: it names the file and what is wrong with it. */
export class UnusableBookFile extends Error {
  override readonly name = "UnusableBookFile";
}
