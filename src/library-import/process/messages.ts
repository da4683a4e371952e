import type { CategoryMapping } from "../jsonl/categories.ts";
import type { ParsedBook } from "../parsedBook.ts";

/** From the importer to the reading process: a file to read, that it may go on, or that nobody wants the rest. */
export type ToReader =
  | { readonly path: string; readonly source?: string | undefined; readonly mapping?: CategoryMapping | undefined }
  | "next"
  | "stop";

/** Asks for an answer: some books, and the lines that were left out before them; then the end, or why it broke off. */
export type Answer =
  | { readonly books: readonly ParsedBook[]; readonly skipped: readonly SkippedLine[] }
  | { readonly end: true; readonly skipped: readonly SkippedLine[] }
  /** `unusable`: the file is at fault, and the message says how. */
  | { readonly error: string; readonly unusable: boolean; readonly skipped: readonly SkippedLine[] };

export type SkippedLine = { readonly line: number; readonly reason: string };

/** From the reading process: that it is there, how many bytes it has read, or an answer. */
export type FromReader = { readonly isReady: true } | { readonly read: number; readonly total: number } | Answer;
