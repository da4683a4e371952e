import type { ParsedBook } from "../parsedBook.ts";

/** From the importer to the reading process: a file to read, that it may go on, or that nobody wants the rest. */
export type ToReader = { readonly path: string } | "next" | "stop";

/** From the reading process: some books, then the end, or why it broke off. */
export type FromReader =
  | { readonly books: readonly ParsedBook[] }
  | { readonly end: true }
  /** `unusable`: the file is at fault, and the message says how. */
  | { readonly error: string; readonly unusable: boolean };
