// Limits of a progress entry.

/** The highest offset in a chapter, in UTF-16 units. An offset beyond the chapter's end is shown as its end. */
export const maxOffset = 10_000_000;

/** The maximum reading time of one entry, in seconds. */
export const maxActiveSeconds = 3_600;

/** How far a device's clock may be ahead of the server's, in milliseconds. A later time is replaced by the server's. */
export const maxAheadMs = 5 * 60 * 1000;

/** The maximum number of entries of one command. */
export const maxEntries = 100;
