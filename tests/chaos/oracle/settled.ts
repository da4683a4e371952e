import { setTimeout as sleep } from "node:timers/promises";
import { emptyJournal } from "../load/journal.ts";
import { lookAt, sync } from "../load/looks.ts";
import type { Addresses, Deadline, Reader } from "../load/reader.ts";
import { nothingSynced } from "../load/synced.ts";
import type { LoggedEvent } from "./log.ts";
import { lastShown } from "./timeline.ts";

/** The time for which an outdated answer may be served after the read models are correct. */
const keptForMs = 10_000;

/**
 * Returns a line for each reader whose shelf or history is still outdated, though the tables are correct; and for each offline
 * client whose state differs from that of a new client.
 */
export async function checkSettled(
  at: Addresses,
  readers: readonly Reader[],
  events: readonly LoggedEvent[],
): Promise<readonly string[]> {
  const staying = readers.filter(({ asked }) => !asked);
  const until = Date.now() + keptForMs + 150 * staying.length;
  const deadline = { isOver: () => Date.now() > until };
  const wrong: string[] = [];
  const some = Array.from({ length: 8 }, async () => {
    for (let reader = staying.pop(); reader !== undefined; reader = staying.pop()) {
      const { id } = reader;
      for (const view of ["shelf", "history"] as const) {
        const right = lastShown(view, id, events);
        const shown = async () => {
          const journal = emptyJournal();
          await lookAt(at, { ...reader, written: new Map() }, view, journal, deadline);
          return journal.shown.at(-1)?.text;
        };
        const found = await settledOn(shown, (text) => text === right, deadline);
        if (found !== right) wrong.push(`the ${view} of ${id} is shown as ${found} instead of ${right}`);
      }
      const isSame = ([kept, all]: readonly string[]) => kept === all;
      const [kept, all] = await settledOn(() => bothSynced(at, reader, deadline), isSame, deadline);
      if (kept !== all) wrong.push(`an offline client of ${id} has ${kept} instead of ${all}`);
    }
  });
  await Promise.all(some);
  return wrong;
}

async function settledOn<Found>(
  find: () => Promise<Found>,
  isRight: (found: Found) => boolean,
  deadline: Deadline,
): Promise<Found> {
  for (;;) {
    const found = await find();
    if (isRight(found) || deadline.isOver()) return found;
    await sleep(200);
  }
}

/** Compares the state of the reader's offline client after one more request with that of a new client. */
async function bothSynced(at: Addresses, reader: Reader, deadline: Deadline): Promise<readonly string[]> {
  const anew = { ...reader, synced: nothingSynced() };
  for (const client of [reader, anew]) await sync(at, client, emptyJournal(), deadline);
  return [reader, anew].map(({ synced }) => JSON.stringify([...synced.things].sort(([a], [b]) => (a < b ? -1 : 1))));
}
