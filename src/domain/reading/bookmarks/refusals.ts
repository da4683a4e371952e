import type { RefusalDefinitions } from "../../stream.ts";

/** Why the bookmarks of a reader refuse a command. */
export const bookmarksRefusals = {
  too_many_bookmarks: { is: "conflict", title: "The reader has too many bookmarks" },
  bookmark_of_another_book: { is: "conflict", title: "The bookmark is in another book" },
} as const satisfies RefusalDefinitions;

export type BookmarksRefusal = keyof typeof bookmarksRefusals;
