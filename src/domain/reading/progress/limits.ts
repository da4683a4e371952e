// Limits of a progress entry.

/** The highest offset in a chapter, in UTF-16 units. An offset beyond the chapter's end is shown as its end. */
export const maxOffset = 10_000_000;

/** The maximum reading time of one entry, in seconds. */
export const maxActiveSeconds = 3_600;

/**
 * Up to here (milliseconds) a time is corrected silently if its device's clock is ahead of the server's: clocks that are kept right differ
 * by as much. An entry whose time was corrected by more has the reported one too, and each read model of entries remembers its id.
 */
export const silentCorrectionMs = 5_000;

/** The maximum number of entries of one command. */
export const maxEntries = 100;
