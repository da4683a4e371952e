import type { CategoryMapping } from "../jsonl/categories.ts";
import type { ParsedBook, ParsedChapter } from "../parsedBook.ts";

/** A file to read; each step may take `cpuMs` of processor time. */
export type FileToRead = {
  readonly path: string;
  readonly source?: string | undefined;
  readonly mapping?: CategoryMapping | undefined;
  readonly cpuMs: number;
};

/** From the importer to the reading process: a file to read, to continue, or to stop. */
export type ToReader = FileToRead | "next" | "stop";

/** The response: some books and the lines skipped before them; at last the end, or an error. */
export type Answer =
  | { readonly books: readonly ParsedBook[]; readonly skipped: readonly SkippedLine[] }
  | { readonly end: true; readonly skipped: readonly SkippedLine[] }
  /** `unusable`: the file is at fault, and the message has the reason. */
  | { readonly error: string; readonly unusable: boolean; readonly skipped: readonly SkippedLine[] };

export type SkippedLine = { readonly line: number; readonly reason: string };

/**
 * Chapters of the last book of the next response, in order. A long book in one message would take the importing process half a
 * second to receive, in which it does nothing else.
 */
export type SomeChapters = { readonly chapters: readonly ParsedChapter[] };

/** From the reading process: that it is ready, the number of bytes read, chapters, or a response. */
export type FromReader =
  | { readonly isReady: true }
  | { readonly read: number; readonly total: number }
  | SomeChapters
  | Answer;
