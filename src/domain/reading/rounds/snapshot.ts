import { z } from "zod";
import type { StateCodec } from "../../decider.ts";
import { bookId } from "../../ids.ts";
import type { Rounds } from "./rounds.ts";

/** Each book with its latest round, whether that is finished, and the time of its last event. */
const stored = z.array(z.tuple([bookId, z.int().positive(), z.boolean(), z.int().nonnegative()]));

/** The rounds of a reader as JSON. Raise the version whenever the state, or how events are folded into it, changes. */
export const roundsSnapshot: StateCodec<Rounds> = {
  version: 2,
  encode: (rounds): z.input<typeof stored> =>
    [...rounds].map(([book, { round, finished, lastAt }]) => [book, round, finished, lastAt]),
  decode: (json) =>
    new Map(stored.parse(json).map(([book, round, finished, lastAt]) => [book, { round, finished, lastAt }])),
};
