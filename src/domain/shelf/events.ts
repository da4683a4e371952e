import { z } from "zod";
import { areDistinct, someText } from "../bounded.ts";
import type { EventDefinitions, EventOf } from "../event.ts";
import { bookId } from "../ids.ts";
import { groupId, maxGroups, maxNameLength } from "./groups.ts";

/** The upper bound of the configurable shelf capacity. */
export const maxShelfCapacity = 100_000;

/** A new order as moves. All ids are distinct, and no moved item is a neighbour. */
function movesOf(id: z.ZodType<string>, max: number) {
  const move = z.strictObject({ ids: z.array(id).min(1).max(max), after: id.nullable(), before: id.nullable() });
  return z.strictObject({
    moves: z
      .array(move)
      .min(1)
      .max(max)
      .superRefine((moves, context) => {
        const moved = new Set<string>();
        let named = 0;
        for (const { ids } of moves) {
          named += ids.length;
          for (const one of ids) moved.add(one);
        }
        const movesToo = (neighbour: string | null) => neighbour !== null && moved.has(neighbour);
        if (named > max) context.addIssue({ code: "custom", message: `must move ${max} at most` });
        else if (moved.size < named) context.addIssue({ code: "custom", message: "must not move one twice" });
        else if (moves.some(({ after, before }) => movesToo(after) || movesToo(before))) {
          context.addIssue({ code: "custom", message: "must not name one that moves as a neighbour" });
        }
      }),
  });
}

/** Version 1 listed the first items, or all: one move to the front. */
const listedFirst = (ids: unknown) => ({ moves: [{ ids, after: null, before: null }] });

const book = z.strictObject({ bookId });

const place = { after: bookId.nullable(), before: bookId.nullable() };
const isPlace = ({ bookId, after, before }: { bookId: string; after: string | null; before: string | null }) =>
  areDistinct([bookId, ...[after, before].filter((id) => id !== null)]);

/** The data needed to undo a removal. */
const undo = z.strictObject({
  /** The id of the removal: the same for all books that one command removed. */
  removal: z.uuid(),
  /** By the API's clock. */
  removedAt: z.iso.datetime(),
  pinned: z.boolean(),
  group: groupId.nullable(),
  /** The neighbours in the manual order, after the removal of the books that the same command removed before. */
  ...place,
});

/**
 * Without `undo` a removal cannot be undone. Version 1 did not record it; in version 2 only corrections had none, and removals
 * of an erasure.
 */
const bookRemoved = z.strictObject({
  bookId,
  undo: undo.optional(),
  /** Removed by an operator for the reader, whose own last removal can still be undone. */
  correction: z.literal(true).optional(),
});

type RemovedBefore3 = { readonly undo?: unknown };
const withoutUndo = (data: unknown) => ({ ...(data as object), undo: null });
function withCorrection(data: unknown) {
  const { undo, ...others } = data as RemovedBefore3;
  if (undo === null) return others;
  return undo === undefined ? { ...others, correction: true } : { ...others, undo };
}

const bookReturned = z
  .strictObject({ bookId, pinned: z.boolean(), group: groupId.nullable(), ...place })
  .refine(isPlace, "must not name a book twice");

const books = z.array(bookId).max(maxShelfCapacity).refine(areDistinct, "must not name a book twice");
const namedGroup = z.strictObject({ group: groupId, name: someText(maxNameLength) });

/** Events of a shelf (`shelf-<readerId>`), one per affected book. */
export const shelfEvents = {
  /** The book is first in the manual order, without pin and group. */
  BookAddedToShelf: { version: 1, schema: book },
  /** The book loses its pin, its group and its place in the manual order. */
  BookRemovedFromShelf: { version: 3, schema: bookRemoved, upcasters: { 1: withoutUndo, 2: withCorrection } },
  /** A removal is undone: the book returns between `after` and `before`, which are neighbours in the manual order. */
  BookReturnedToShelf: { version: 1, schema: bookReturned },
  ShelfBookPinned: { version: 1, schema: book },
  ShelfBookUnpinned: { version: 1, schema: book },
  /** The book leaves its group if `group` is null. */
  ShelfBookMovedToGroup: { version: 1, schema: z.strictObject({ bookId, group: groupId.nullable() }) },
  /** These books moved in the manual order; all others keep their order. */
  ShelfBooksReordered: {
    version: 2,
    schema: movesOf(bookId, maxShelfCapacity),
    upcasters: { 1: (data) => listedFirst((data as { bookIds: unknown }).bookIds) },
  },
  /** The new group is last among the groups. */
  ShelfGroupCreated: { version: 1, schema: namedGroup },
  ShelfGroupRenamed: { version: 1, schema: namedGroup },
  /** `bookIds` were in the group; they stay on the shelf without a group. */
  ShelfGroupDeleted: { version: 1, schema: z.strictObject({ group: groupId, bookIds: books }) },
  /** These groups moved; all others keep their order. */
  ShelfGroupsReordered: {
    version: 2,
    schema: movesOf(groupId, maxGroups),
    upcasters: { 1: (data) => listedFirst((data as { groups: unknown }).groups) },
  },
} as const satisfies EventDefinitions;

export type ShelfEvent = EventOf<typeof shelfEvents>;
