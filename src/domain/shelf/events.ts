import { z } from "zod";
import { areDistinct, someText } from "../bounded.ts";
import type { EventDefinitions, EventOf } from "../event.ts";
import { bookId } from "../ids.ts";
import { groupId, maxGroups, maxNameLength } from "./groups.ts";

/** The most books that a shelf may be configured to hold. */
export const maxShelfCapacity = 100_000;

const book = z.strictObject({ bookId });
const books = z.array(bookId).max(maxShelfCapacity).refine(areDistinct, "must not name a book twice");
const namedGroup = z.strictObject({ group: groupId, name: someText(maxNameLength) });

/** What can happen to a shelf (`shelf-<readerId>`); what is done to a book is one event a book. */
export const shelfEvents = {
  /** The book stands first in the manual order, without pin and group. */
  BookAddedToShelf: { version: 1, schema: book },
  /** Its pin, its group and its place in the manual order go with it. */
  BookRemovedFromShelf: { version: 1, schema: book },
  ShelfBookPinned: { version: 1, schema: book },
  ShelfBookUnpinned: { version: 1, schema: book },
  /** Out of any group if `group` is null. */
  ShelfBookMovedToGroup: { version: 1, schema: z.strictObject({ bookId, group: groupId.nullable() }) },
  /** These books stand first in the manual order, as listed; all others follow in the order that they had. */
  ShelfBooksReordered: { version: 1, schema: z.strictObject({ bookIds: books.min(1) }) },
  /** The group stands last among the groups. */
  ShelfGroupCreated: { version: 1, schema: namedGroup },
  ShelfGroupRenamed: { version: 1, schema: namedGroup },
  /** `bookIds` were in the group; they stay on the shelf without one. */
  ShelfGroupDeleted: { version: 1, schema: z.strictObject({ group: groupId, bookIds: books }) },
  /** All groups of the shelf in their new order. */
  ShelfGroupsReordered: {
    version: 1,
    schema: z.strictObject({
      groups: z.array(groupId).min(1).max(maxGroups).refine(areDistinct, "must not name a group twice"),
    }),
  },
} as const satisfies EventDefinitions;

export type ShelfEvent = EventOf<typeof shelfEvents>;
