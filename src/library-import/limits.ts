export { maxChapters, maxLengths } from "../domain/library/limits.ts";

const mebibyte = 1024 * 1024;

/** The largest files that are read, in bytes. JSONL is read as a stream: there the line is limited. */
export const maxBytes = {
  txt: 64 * mebibyte,
  epub: 256 * mebibyte,
  jsonlLine: 8 * mebibyte,
  jsonl: 4096 * mebibyte,
} as const;
