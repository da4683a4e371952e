import type { RefusalDefinitions } from "../../stream.ts";

/** Why the rounds of a reader refuse a command. */
export const roundsRefusals = {
  too_many_rounds: { is: "conflict", title: "The book was read too many times" },
} as const satisfies RefusalDefinitions;

export type RoundsRefusal = keyof typeof roundsRefusals;
