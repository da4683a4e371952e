import { randomUUID } from "node:crypto";
import type { EventLog } from "../log/log.ts";
import type { Present } from "../reads/present.ts";
import type { Receiver } from "../reads/receiver.ts";
import { readableStream } from "../reads/visible.ts";
import { StreamDeleted } from "../semantics/errors.ts";
import { currentTicks, firstVisible, maxRevision, oldestVisible } from "../semantics/stream-metadata.ts";
import { createdOf, revisionOf, type StoredEvent } from "../storage/record.ts";
import { lastRevision } from "../streams/streams.ts";
import type { ReadStart } from "../wire/read-request.ts";
import { caughtUp, subscriptionConfirmation } from "../wire/responses.ts";
import { commitSignal } from "./signal.ts";

const pageSize = 128;

/** Follows one stream, which need not exist yet. The start is exclusive. A tombstone is its last event and ends the subscription. */
export async function subscribeToStream(
  log: EventLog,
  name: string,
  start: ReadStart,
  present: Present,
  out: Receiver,
): Promise<void> {
  const signal = commitSignal(log, out, (commit) => commit.touches(name));
  let revision = start === "start" ? -1n : start === "end" ? lastOf(log, name) : start;
  let live = false;
  try {
    readableStream(log, name);
    await out.send(subscriptionConfirmation(randomUUID()));
    while (!out.over()) {
      const events = after(log, name, revision, live);
      for (const event of events) {
        const full = out.send(present(event));
        if (full) await full;
        if (out.over()) return;
        revision = revisionOf(event);
      }
      if (revision === maxRevision) throw new StreamDeleted(name);
      if (events.length > 0) continue;
      if (!live) {
        live = true;
        revision = atLeast(revision, lastOf(log, name));
        await out.send(caughtUp);
      }
      await signal.next();
    }
  } finally {
    signal.stop();
  }
}

function lastOf(log: EventLog, name: string): bigint {
  const stream = log.stream(name);
  return stream ? lastRevision(stream) : -1n;
}

/** Events that were hidden when the subscription caught up are never sent, even if they become visible later. */
function atLeast(revision: bigint, last: bigint): bigint {
  return revision > last ? revision : last;
}

/** The next events. Live events were visible when they were written; while catching up, retention hides events as in a read. */
function after(log: EventLog, name: string, revision: bigint, live: boolean): StoredEvent[] {
  const stream = log.stream(name);
  if (!stream) return [];
  let from = revision + 1n;
  let oldest = 0n;
  if (!live) {
    const first = firstVisible(name, lastRevision(stream), stream.retention);
    if (first > from) from = first;
    oldest = oldestVisible(stream.retention, currentTicks());
  }
  for (;;) {
    const page = log.streamEvents(stream, from, false, pageSize);
    const last = page.at(-1);
    if (!last) {
      const tombstone = log.tombstone(stream);
      return tombstone ? [tombstone] : [];
    }
    const events = page.filter((event) => createdOf(event) >= oldest);
    if (events.length > 0) return events;
    from = revisionOf(last) + 1n;
  }
}
