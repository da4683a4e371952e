/** The most rounds in which a reader reads one book. */
export const maxRounds = 1_000;
