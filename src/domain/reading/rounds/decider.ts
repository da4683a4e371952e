import type { Decider, Refusal } from "../../decider.ts";
import type { RoundsEvent } from "./events.ts";
import { maxRounds } from "./limits.ts";
import type { RoundsRefusal } from "./refusals.ts";
import { foldRounds, type Rounds } from "./rounds.ts";
import { roundsSnapshot } from "./snapshot.ts";

type At = { readonly bookId: string; readonly readAt: string; readonly readAtRaw?: string | undefined };

export type RoundsCommand =
  /** Starts to read the book again. Appends nothing while a started round is unfinished. */
  | ({ readonly type: "BeginReadingRound" } & At)
  /** Finishes the current round (the first one if none was started). Appends nothing if it is already finished. */
  | ({ readonly type: "FinishBook" } & At);

export const roundsDecider: Decider<Rounds, RoundsCommand, RoundsEvent, RoundsRefusal> = {
  initialState: new Map(),
  evolve: (rounds, event) => foldRounds(rounds, [event]),
  fold: foldRounds,
  snapshot: roundsSnapshot,

  decide({ type, ...at }, rounds) {
    const known = rounds.get(at.bookId);
    switch (type) {
      case "BeginReadingRound": {
        if (known?.finished === false) return [];
        const round = (known?.round ?? 0) + 1;
        return round > maxRounds ? tooMany() : [{ type: "ReadingRoundBegan", data: dataOf(at, round) }];
      }
      case "FinishBook":
        return known?.finished ? [] : [{ type: "BookFinished", data: dataOf(at, known?.round ?? 1) }];
    }
  },
};

function dataOf({ bookId, readAt, readAtRaw }: At, round: number): RoundsEvent["data"] {
  return { bookId, round, readAt, ...(readAtRaw === undefined ? {} : { readAtRaw }) };
}

function tooMany(): Refusal<RoundsRefusal> {
  return { refused: "too_many_rounds", detail: `A book is read ${maxRounds} times at most.` };
}
