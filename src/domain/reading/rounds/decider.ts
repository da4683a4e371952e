import type { Decider, Refusal } from "../../decider.ts";
import { silentCorrectionMs } from "../progress/limits.ts";
import type { RoundsEvent } from "./events.ts";
import { maxRounds } from "./limits.ts";
import type { RoundsRefusal } from "./refusals.ts";
import { foldRounds, isLate, type Rounds } from "./rounds.ts";
import { roundsSnapshot } from "./snapshot.ts";

/** When it happened (`readAt`, not later than `at`), and the time of the command by the API's clock (`at`); all times ISO 8601. */
type When = { readonly readAt: string; readonly readAtRaw?: string | undefined; readonly at: string };

/** Neither appends anything if its `readAt` is before that of the book's last event, which another device reported first. */
export type RoundsCommand =
  /** Starts to read the book again. Appends nothing while a started round is unfinished. */
  | ({ readonly type: "BeginReadingRound"; readonly bookId: string } & When)
  /** Finishes the current round (the first one if none was started). Appends nothing if it is already finished. */
  | ({ readonly type: "FinishBook"; readonly bookId: string } & When);

export const roundsDecider: Decider<Rounds, RoundsCommand, RoundsEvent, RoundsRefusal> = {
  initialState: new Map(),
  evolve: (rounds, event) => foldRounds(rounds, [event]),
  fold: foldRounds,
  snapshot: roundsSnapshot,

  decide({ type, bookId, ...when }, rounds) {
    const known = rounds.get(bookId);
    const times = timesOf(when, known?.lastAt);
    if (times === undefined) return [];
    switch (type) {
      case "BeginReadingRound": {
        if (known?.finished === false) return [];
        const round = (known?.round ?? 0) + 1;
        return round > maxRounds ? tooMany() : [{ type: "ReadingRoundBegan", data: { bookId, round, ...times } }];
      }
      case "FinishBook":
        return known?.finished ? [] : [{ type: "BookFinished", data: { bookId, round: known?.round ?? 1, ...times } }];
    }
  },
};

/**
 * The times of a book's rounds never go back. Undefined if the report is late. If the last event is later than the command itself, it
 * came through a server whose clock is ahead: nobody can report a later time yet, so the new event gets the same time.
 */
function timesOf({ readAt, readAtRaw, at }: When, lastAt: number | undefined) {
  if (lastAt === undefined || !isLate(Date.parse(readAt), lastAt)) return timesWith(readAt, readAtRaw);
  if (lastAt <= Date.parse(at)) return undefined;
  const reported = readAtRaw ?? readAt;
  const isSilent = Math.abs(lastAt - Date.parse(reported)) <= silentCorrectionMs;
  return timesWith(new Date(lastAt).toISOString(), isSilent ? undefined : reported);
}

const timesWith = (readAt: string, readAtRaw: string | undefined) =>
  readAtRaw === undefined ? { readAt } : { readAt, readAtRaw };

function tooMany(): Refusal<RoundsRefusal> {
  return { refused: "too_many_rounds", detail: `A book is read ${maxRounds} times at most.` };
}
