import type { CategoryMapping } from "../jsonl/categories.ts";
import type { ParsedBook } from "../parsedBook.ts";

/** From the importer to the reading process: a file to read, to continue, or to stop. */
export type ToReader =
  | { readonly path: string; readonly source?: string | undefined; readonly mapping?: CategoryMapping | undefined }
  | "next"
  | "stop";

/** The response: some books and the lines skipped before them; at last the end, or an error. */
export type Answer =
  | { readonly books: readonly ParsedBook[]; readonly skipped: readonly SkippedLine[] }
  | { readonly end: true; readonly skipped: readonly SkippedLine[] }
  /** `unusable`: the file is at fault, and the message says why. */
  | { readonly error: string; readonly unusable: boolean; readonly skipped: readonly SkippedLine[] };

export type SkippedLine = { readonly line: number; readonly reason: string };

/** From the reading process: that it is ready, the number of bytes read, or a response. */
export type FromReader = { readonly isReady: true } | { readonly read: number; readonly total: number } | Answer;
