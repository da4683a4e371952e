export { maxChapters, maxLengths } from "../domain/library/limits.ts";

const mebibyte = 1024 * 1024;

/** The maximum size of files, in bytes. JSONL is streamed: its lines are limited. */
export const maxBytes = {
  txt: 64 * mebibyte,
  epub: 256 * mebibyte,
  jsonlLine: 8 * mebibyte,
  jsonl: 4096 * mebibyte,
} as const;
