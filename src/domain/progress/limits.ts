// What a progress entry may hold.

/** The highest offset in a chapter, in UTF-16 units. What lies beyond the chapter's end is shown as its end. */
export const maxOffset = 10_000_000;

/** Seconds that one entry may report as read. */
export const maxActiveSeconds = 3_600;

/** How far a device's clock may be ahead of the server's, in milliseconds; what is later becomes the server's time. */
export const maxAheadMs = 5 * 60 * 1000;

/** The entries of one command. */
export const maxEntries = 100;
