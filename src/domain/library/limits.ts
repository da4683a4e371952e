// Limits of a book's events, kept by imports and enforced by the schemas. Read models create rows from these numbers: without
// limits a single event could ask for billions of rows.

/** Maximum lengths of imported fields, in characters (code points). Longer values are cut and end in …. */
export const maxLengths = { title: 200, author: 100, intro: 5_000, category: 50, heading: 200, sourceId: 200 } as const;

/**
 * Maximum lengths in stored events, where they exceed `maxLengths`. A TXT file's source id is the NFKC form of title and
 * author, where one character becomes up to 18. Older imports joined the titles of all enclosing volumes of an EPUB chapter,
 * some 30 levels deep. A URL of 2,000 characters grows ninefold when percent-encoded.
 */
export const maxStored = { sourceId: 3_000, volume: 6_400, coverUrl: 18_000 } as const;

/** The maximum number of chapters of a book; the longest web novels have some 15,000. */
export const maxChapters = 30_000;

/**
 * The maximum number of removed chapters that a book knows, the oldest dropped: half the chapters that it may have, since an edition that
 * removes more is another book unless an operator says otherwise.
 */
export const maxRemovedChapters = maxChapters / 2;

/** The maximum number of chapters in one `ChaptersPublished`: some 150 KB, far below the append limit of 1 MiB. */
export const maxChaptersPerEvent = 500;

/** The maximum length of a chapter in UTF-16 units: imports read at most 512 MiB of text from an EPUB. */
export const maxChapterLength = 512 * 1024 * 1024;

/** The highest edition number: one edition a minute for two years. */
export const maxEdition = 1_000_000;

/** The maximum number of unfinished editions between two published ones. Publishing the next one deletes the rows of each. */
export const maxUnfinishedEditions = 10_000;
