import { randomUUID } from "node:crypto";
import type { EventLog } from "../log/log.ts";
import { passes } from "../reads/passes.ts";
import { isWithinRecord } from "../reads/position.ts";
import type { Present } from "../reads/present.ts";
import type { Receiver } from "../reads/receiver.ts";
import { InvalidRequest } from "../semantics/errors.ts";
import type { EventFilter } from "../semantics/filter.ts";
import type { ReadStart } from "../wire/read-request.ts";
import { caughtUp, checkpoint, subscriptionConfirmation } from "../wire/responses.ts";
import { commitSignal } from "./signal.ts";

export type AllSubscription = {
  /** Exclusive. */
  start: ReadStart;
  filter: EventFilter | undefined;
  /** The number of considered events between two checkpoints; undefined: none are sent. */
  checkpointEvery: number | undefined;
};

const pageSize = 128;

/**
 * Follows $all. There is no switch from catching up to live that could lose or repeat an event: the subscription always asks the
 * log for the events after its position, which the log finds on disk or in memory. A slow client therefore needs no buffer.
 */
export async function subscribeToAll(
  log: EventLog,
  options: AllSubscription,
  present: Present,
  out: Receiver,
): Promise<void> {
  const { start, filter, checkpointEvery } = options;
  const signal = commitSignal(log, out, () => true);
  let position = start === "start" ? 0n : start === "end" ? log.head() : start;
  let lastCheckpoint = position;
  let considered = 0;
  let live = false;

  async function sendCheckpoint(): Promise<void> {
    considered = 0;
    if (checkpointEvery === undefined || position === lastCheckpoint) return;
    lastCheckpoint = position;
    // While a subscription catches up, EventStoreDB's have a prepare position that is no event's.
    await out.send(checkpoint(position, live ? position : 0n));
  }

  try {
    await out.send(subscriptionConfirmation(randomUUID()));
    // Beyond the last event it waits for new ones, as in EventStoreDB.
    if (typeof start === "bigint" && start < log.head() && isWithinRecord(log, start))
      throw new InvalidRequest("Trying to read from an invalid position.");
    while (!out.over()) {
      const head = log.head();
      const events = log.after(position, pageSize);
      for (const event of events) {
        if (passes(filter, event)) {
          const full = out.send(present(event));
          if (full) await full;
        }
        if (out.over()) return;
        position = event.position;
        considered += 1;
        if (considered === checkpointEvery) await sendCheckpoint();
      }
      // The head when the page was read: under constant writes there may never be an empty page.
      if (!live && (events.length === 0 || position >= head)) {
        await sendCheckpoint();
        live = true;
        await out.send(caughtUp);
      }
      if (events.length > 0) await new Promise(setImmediate);
      else await signal.next();
    }
  } finally {
    signal.stop();
  }
}
