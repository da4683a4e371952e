import { setTimeout as sleep } from "node:timers/promises";
import type { Journal } from "../load/journal.ts";
import type { Addresses, Reader } from "../load/reader.ts";
import { checkCommands } from "./commands.ts";
import { checkCounts } from "./counts.ts";
import type { Erased } from "./erased.ts";
import { checkGone, untilErased } from "./gone.ts";
import { checkLastWords } from "./lastWords.ts";
import { readLog } from "./log.ts";
import { checkOwnShelves } from "./ownShelves.ts";
import { checkSettled } from "./settled.ts";
import { compareTables } from "./tables.ts";
import { checkShown } from "./timeline.ts";

export type Judged = {
  /** All differences, one line each, including those counted below. */
  readonly differences: readonly string[];
  /** Acknowledged commands that are missing in the log, occur twice, and were acknowledged out of order. */
  readonly lost: number;
  readonly doubled: number;
  readonly reordered: number;
  readonly events: number;
  readonly rows: number;
  /** No differences: attempts decided after the answer, each explained by the log. See `checkCommands`. */
  readonly late: readonly string[];
};

/** Maximum time after the last fault until the read models are correct. */
const calmMs = 90_000;

/**
 * Compares the log with the acknowledgements, the answers to readers with the log, and the tables of all read models with a fold
 * of the log; and searches for remaining data of erased readers. Returns a line for each difference; none means that nothing was
 * lost, doubled or reordered.
 */
export async function verify(
  world: Addresses & { readonly environment: Readonly<Record<string, string>> },
  readers: readonly Reader[],
  journal: Journal,
  erased: readonly Erased[],
): Promise<Judged> {
  const { environment } = world;
  const notErased = await untilErased(world, readers);
  const gone = new Set(readers.filter(({ asked }) => asked).map(({ id }) => id));
  const events = await readLog(environment.EVENTSTORE_URL ?? "");
  const { lost, doubled, reordered, wrong: wrongCommands, late } = checkCommands(events, journal, gone);
  const differences = [
    ...journal.surprises,
    ...lost,
    ...doubled,
    ...reordered,
    ...wrongCommands,
    ...checkLastWords(events, journal, late, gone),
    ...checkShown(events, journal.shown, gone),
    ...notErased,
    ...checkCounts(events),
    ...checkOwnShelves(events),
  ];
  const deadline = Date.now() + calmMs;
  for (;;) {
    const begun = performance.now();
    const { rows, wrong } = await compareTables(environment, events, erased).catch((error: Error) => ({
      rows: 0,
      wrong: [`the tables could not be read: ${error.message}`],
    }));
    // Read models follow the log: only differences that remain after a quiet time are errors.
    if (wrong.length === 0 || Date.now() > deadline) {
      const shown = [...(await checkSettled(world, readers, events)), ...(await checkGone(world, readers, events))];
      return {
        differences: [...differences, ...wrong, ...shown],
        lost: lost.length,
        doubled: doubled.length,
        reordered: reordered.length,
        late: [...late.values()],
        events: events.length,
        rows,
      };
    }
    // A comparison folds the whole log: it must not take the CPU from the processes that it waits for.
    await sleep(Math.max(500, 2 * (performance.now() - begun)));
  }
}
