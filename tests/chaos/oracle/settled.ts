import { setTimeout as sleep } from "node:timers/promises";
import { emptyJournal } from "../load/journal.ts";
import { look } from "../load/looks.ts";
import type { Addresses, Reader } from "../load/reader.ts";
import type { LoggedEvent } from "./log.ts";
import { lastShelf } from "./timeline.ts";

/** How long after the read models have come right a shelf may be shown as it was. */
const keptForMs = 10_000;

/** A line for each reader who is still shown another shelf than the last one, though the tables are right. */
export async function checkSettled(
  at: Addresses,
  readers: readonly Reader[],
  events: readonly LoggedEvent[],
): Promise<readonly string[]> {
  const until = Date.now() + keptForMs + 50 * readers.length;
  const deadline = { isOver: () => Date.now() > until };
  const wrong: string[] = [];
  const waiting = [...readers];
  const some = Array.from({ length: 8 }, async () => {
    for (let reader = waiting.pop(); reader !== undefined; reader = waiting.pop()) {
      const right = lastShelf(reader.id, events);
      for (;;) {
        const journal = emptyJournal();
        await look(at, { ...reader, consistencyToken: null }, journal, deadline);
        const shown = journal.shown.at(-1)?.shelf;
        if (shown === right) break;
        if (deadline.isOver()) {
          wrong.push(`the shelf of ${reader.id} is shown as ${shown} instead of ${right}`);
          break;
        }
        await sleep(200);
      }
    }
  });
  await Promise.all(some);
  return wrong;
}
