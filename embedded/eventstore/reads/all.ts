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

/** Events read from the log at once: a page is read at once, and nothing is locked while the client is slow. */
const pageSize = 256;

/** Reads $all: forwards from the position on, including events appended meanwhile, or backwards from before it. */
export async function readAll(
  log: EventLog,
  { start, backwards, count, filter }: AllRange,
  present: Present,
  out: Receiver,
): Promise<void> {
  if (backwards && typeof start === "bigint" && start > log.nextPosition())
    throw new InvalidRequest(`Position ${start} lies beyond the end of the log, ${log.nextPosition()}.`);
  // Reading forwards, a position beyond the last event is valid.
  if (typeof start === "bigint" && (backwards || start <= log.head()) && isWithinRecord(log, start))
    throw new InvalidPosition(`Unexpected ${filter ? "Filtered" : ""}ReadAllResult: InvalidPosition`);
  let left = count;
  for (const page of pages(log, start, backwards)) {
    for (const event of page) {
      if (!passes(filter, event)) continue;
      // As in EventStoreDB a read with a count ends at the next matching event, or at the end of the log.
      if (left === 0n) return;
      const full = out.send(present(event));
      if (full) await full;
      left -= 1n;
      if (out.over()) return;
    }
    if (out.over()) return;
    // Yields to other calls when a filter skips many pages.
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
