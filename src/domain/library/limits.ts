// What an event of a book may hold. An import keeps to it, and the schemas refuse what goes beyond it: read models make rows of
// these numbers, so an event of one line could otherwise ask for billions of them.

/** Lengths that an import keeps to, in characters (code points). What is longer is cut and ends in …. */
export const maxLengths = { title: 200, author: 100, intro: 5_000, category: 50, heading: 200, sourceId: 200 } as const;

/**
 * Lengths that events may have beyond those. A TXT's source id is the NFKC of title and author: one character becomes up to
 * 18. Imports once joined the titles of all volumes around a chapter of an EPUB, some 30 levels deep. An address of 2,000
 * characters grows ninefold when it is percent-encoded.
 */
export const maxStored = { sourceId: 3_000, volume: 6_400, coverUrl: 18_000 } as const;

/** The most chapters that a book may have; the longest novels on the web have some 15,000. */
export const maxChapters = 30_000;

/** The most chapters that one `ChaptersPublished` carries: some 150 KB, far below the 1 MiB of one append. */
export const maxChaptersPerEvent = 500;

/** UTF-16 units of a chapter: of an EPUB, at most 512 MiB of text are read. */
export const maxChapterLength = 512 * 1024 * 1024;

/** The highest edition: one a minute for two years. */
export const maxEdition = 1_000_000;

/** Editions begun and never finished between two that readers see. Each costs a deletion when the next is published. */
export const maxUnfinishedEditions = 10_000;
