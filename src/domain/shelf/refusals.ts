import type { RefusalDefinitions } from "../stream.ts";
import { undoRefusals } from "../undo.ts";

/** Why a shelf refuses a command. */
export const shelfRefusals = {
  shelf_full: { is: "conflict", title: "The shelf is full" },
  book_not_on_shelf: { is: "missing", title: "The book is not on the shelf" },
  group_not_found: { is: "missing", title: "The shelf has no such group" },
  group_name_taken: { is: "conflict", title: "Another group has this name" },
  ...undoRefusals,
  removal_not_undoable: { is: "conflict", title: "The last removal cannot be undone" },
  too_many_groups: { is: "conflict", title: "The shelf has too many groups" },
} as const satisfies RefusalDefinitions;

export type ShelfRefusal = keyof typeof shelfRefusals;
