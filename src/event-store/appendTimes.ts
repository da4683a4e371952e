/** The time limit of an append on the server, and how much longer we wait for its response; in milliseconds. */
export const appendDeadlineMs = 5_000;
export const appendGraceMs = 500;
