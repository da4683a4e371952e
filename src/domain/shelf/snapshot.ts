import { z } from "zod";
import type { StateCodec } from "../decider.ts";
import { bookId } from "../ids.ts";
import { groupId } from "./groups.ts";
import { orderOf } from "./order.ts";
import { manualOrder, type Shelf } from "./shelf.ts";

const count = z.int().nonnegative();
const stored = z.strictObject({
  order: z.array(bookId),
  pinned: z.array(bookId),
  groupOf: z.array(z.tuple([bookId, groupId])),
  groups: z.array(z.tuple([groupId, z.string()])),
  bookMoves: count,
  groupMoves: count,
});

/** A shelf as JSON. Raise the version with any change of the state, or of how events are folded into it. */
export const shelfSnapshot: StateCodec<Shelf> = {
  version: 1,
  encode: (shelf): z.input<typeof stored> => ({
    order: [...manualOrder(shelf)],
    pinned: [...shelf.pinned],
    groupOf: [...shelf.groupOf],
    groups: [...shelf.groups],
    bookMoves: shelf.bookMoves,
    groupMoves: shelf.groupMoves,
  }),
  decode(json) {
    const { order, pinned, groupOf, groups, ...counts } = stored.parse(json);
    return {
      ...counts,
      books: new Set(order),
      order: orderOf(order),
      pinned: new Set(pinned),
      groupOf: new Map(groupOf),
      groups: new Map(groups),
    };
  },
};
