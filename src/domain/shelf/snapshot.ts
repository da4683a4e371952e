import { z } from "zod";
import type { StateCodec } from "../decider.ts";
import { bookId } from "../ids.ts";
import { groupId } from "./groups.ts";
import { orderOf } from "./order.ts";
import { manualOrder, type Shelf } from "./shelf.ts";

const count = z.int().nonnegative();
const neighbour = bookId.nullable();
const removedBook = z.strictObject({
  bookId,
  pinned: z.boolean(),
  group: groupId.nullable(),
  after: neighbour,
  before: neighbour,
});
const lastRemoval = z.strictObject({ id: z.string(), removedAt: z.string(), books: z.array(removedBook).readonly() });
const stored = z.strictObject({
  order: z.array(bookId),
  pinned: z.array(bookId),
  groupOf: z.array(z.tuple([bookId, groupId])),
  groups: z.array(z.tuple([groupId, z.string()])),
  bookMoves: count,
  groupMoves: count,
  lastRemoval: z.union([lastRemoval, z.literal("not recorded"), z.null()]),
});

/** A shelf as JSON. Raise the version whenever the state, or how events are folded into it, changes. */
export const shelfSnapshot: StateCodec<Shelf> = {
  version: 3,
  encode: (shelf): z.input<typeof stored> => ({
    order: [...manualOrder(shelf)],
    pinned: [...shelf.pinned],
    groupOf: [...shelf.groupOf],
    groups: [...shelf.groups],
    bookMoves: shelf.bookMoves,
    groupMoves: shelf.groupMoves,
    lastRemoval: shelf.lastRemoval,
  }),
  decode(json) {
    const { order, pinned, groupOf, groups, ...others } = stored.parse(json);
    return {
      ...others,
      books: new Set(order),
      order: orderOf(order),
      pinned: new Set(pinned),
      groupOf: new Map(groupOf),
      groups: new Map(groups),
    };
  },
};
