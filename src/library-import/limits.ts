/** The lengths that an import keeps to, in characters (code points). What is longer is cut and ends in …. */
export const maxLengths = { title: 200, author: 100, intro: 5_000, category: 50, heading: 200, sourceId: 200 } as const;

/** The most chapters that a book may have; the longest novels on the web have some 15,000. */
export const maxChapters = 30_000;

const mebibyte = 1024 * 1024;

/** The largest files that are read, in bytes. JSONL is read as a stream: there the line is limited. */
export const maxBytes = {
  txt: 64 * mebibyte,
  epub: 256 * mebibyte,
  jsonlLine: 8 * mebibyte,
  jsonl: 4096 * mebibyte,
} as const;
