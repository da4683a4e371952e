/** How long the server may take for one append, and how much longer we wait for its answer; both in milliseconds. */
export const appendDeadlineMs = 5_000;
export const appendGraceMs = 500;
