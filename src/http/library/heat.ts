/** For how long a response may be kept that depends on the heat of books, which is refreshed at intervals. */
export const heatMayBeOldMs = 10_000;
