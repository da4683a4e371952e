import { z } from "zod";
import type { StateCodec } from "../decider.ts";
import { bookId } from "../ids.ts";
import type { History, Visited } from "./history.ts";

const visited = z.tuple([bookId, z.int().positive(), z.string()]);
const stored = z.strictObject({
  visits: z.int().nonnegative(),
  books: z.array(visited),
  lastRemoval: z.strictObject({ removedAt: z.string(), books: z.array(visited) }).nullable(),
});
type Stored = z.infer<typeof visited>;

const encode = ({ bookId, visit, openedAt }: Visited): Stored => [bookId, visit, openedAt];
const decode = ([bookId, visit, openedAt]: Stored): Visited => ({ bookId, visit, openedAt });

/** A history as JSON. Raise the version whenever the state, or how events are folded into it, changes. */
export const historySnapshot: StateCodec<History> = {
  version: 1,
  encode: ({ visits, books, lastRemoval }): z.input<typeof stored> => ({
    visits,
    books: [...books.values()].map(encode),
    lastRemoval: lastRemoval && { removedAt: lastRemoval.removedAt, books: lastRemoval.books.map(encode) },
  }),
  decode(json) {
    const { visits, books, lastRemoval } = stored.parse(json);
    return {
      visits,
      books: new Map(books.map((one) => [one[0], decode(one)])),
      lastRemoval: lastRemoval && { removedAt: lastRemoval.removedAt, books: lastRemoval.books.map(decode) },
    };
  },
};
