import { z } from "zod";
import type { StateCodec } from "../../decider.ts";
import { bookId } from "../../ids.ts";
import type { Rounds } from "./rounds.ts";

/** Each book with its latest round, and whether that is finished. */
const stored = z.array(z.tuple([bookId, z.int().positive(), z.boolean()]));

/** The rounds of a reader as JSON. Raise the version whenever the state, or how events are folded into it, changes. */
export const roundsSnapshot: StateCodec<Rounds> = {
  version: 1,
  encode: (rounds): z.input<typeof stored> => [...rounds].map(([book, { round, finished }]) => [book, round, finished]),
  decode: (json) => new Map(stored.parse(json).map(([book, round, finished]) => [book, { round, finished }])),
};
