import type { RefusalDefinitions } from "../stream.ts";

/** Why a book of the library refuses a command. */
export const bookRefusals = {
  book_not_catalogued: { is: "conflict", title: "The book is not in the catalogue" },
  book_differs: { is: "conflict", title: "The import would replace another book" },
} as const satisfies RefusalDefinitions;

export type BookRefusal = keyof typeof bookRefusals;
