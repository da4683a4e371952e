/** The maximum number of rounds of one book. */
export const maxRounds = 1_000;
