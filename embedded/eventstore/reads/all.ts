import type { EventLog } from "../log/log.ts";
import { InvalidPosition, InvalidRequest } from "../semantics/errors.ts";
import type { EventFilter } from "../semantics/filter.ts";
import type { StoredEvent } from "../storage/record.ts";
import type { ReadStart } from "../wire/read-request.ts";
import { passes } from "./passes.ts";
import { isWithinRecord } from "./position.ts";
import type { Present } from "./present.ts";
import type { Receiver } from "./receiver.ts";

export type AllRange = { start: ReadStart; backwards: boolean; count: bigint; filter: EventFilter | undefined };

/** Events taken from the log at once: a page is read in one go, and nothing is held while the client takes its time. */
const pageSize = 256;

/** Reads $all: forwards from the position on, into what is appended meanwhile, or backwards from before it. */
export async function readAll(
  log: EventLog,
  { start, backwards, count, filter }: AllRange,
  present: Present,
  out: Receiver,
): Promise<void> {
  if (backwards && typeof start === "bigint" && start > log.nextPosition())
    throw new InvalidRequest(`Position ${start} lies beyond the end of the log, ${log.nextPosition()}.`);
  // Forwards all is well beyond the last event, where there is nothing to be read.
  if (typeof start === "bigint" && (backwards || start <= log.head()) && isWithinRecord(log, start))
    throw new InvalidPosition(`Unexpected ${filter ? "Filtered" : ""}ReadAllResult: InvalidPosition`);
  let left = count;
  for (const page of pages(log, start, backwards)) {
    for (const event of page) {
      if (!passes(filter, event)) continue;
      // As in the real one a read of a count ends where the next event would come, or at the log's end.
      if (left === 0n) return;
      const full = out.send(present(event));
      if (full) await full;
      left -= 1n;
      if (out.over()) return;
    }
    if (out.over()) return;
    // Lets other calls have a turn when a filter passes over many pages.
    await new Promise(setImmediate);
  }
}

function* pages(log: EventLog, start: ReadStart, backwards: boolean): Generator<StoredEvent[]> {
  const afterLast = log.head() + 1n;
  let at = start === "start" ? 0n : start === "end" ? afterLast : start > afterLast ? afterLast : start;
  while (true) {
    const page = backwards ? log.before(at, pageSize) : log.after(at - 1n, pageSize);
    if (page.length === 0) return;
    yield page;
    const last = page.at(-1) as StoredEvent;
    at = backwards ? last.position : last.position + 1n;
  }
}
