import { randomUUID } from "node:crypto";
import type { EventLog } from "../log/log.ts";
import type { Receiver } from "../reads/receiver.ts";
import { readableStream } from "../reads/stream.ts";
import { StreamDeleted } from "../semantics/errors.ts";
import { currentTicks, firstVisible, oldestVisible } from "../semantics/stream-metadata.ts";
import { createdOf, frameOf, revisionOf, type StoredEvent } from "../storage/record.ts";
import type { ReadStart } from "../wire/read-request.ts";
import { caughtUp, subscriptionConfirmation } from "../wire/responses.ts";
import { commitSignal } from "./signal.ts";

const pageSize = 128;

/** Follows one stream, which need not exist yet. The start is exclusive. */
export async function subscribeToStream(log: EventLog, stream: string, start: ReadStart, out: Receiver): Promise<void> {
  const signal = commitSignal(log, out, (commit) => commit.touches(stream));
  let revision = start === "start" ? -1n : start === "end" ? (log.stream(stream)?.lastRevision ?? -1n) : start;
  let live = false;
  try {
    readableStream(log, stream);
    await out.send(subscriptionConfirmation(randomUUID()));
    while (!out.over()) {
      const events = after(log, stream, revision, live);
      for (const event of events) {
        const full = out.send(frameOf(event));
        if (full) await full;
        if (out.over()) return;
        revision = revisionOf(event);
      }
      if (log.stream(stream)?.tombstoned) throw new StreamDeleted(stream);
      if (events.length > 0) continue;
      if (!live) {
        live = true;
        await out.send(caughtUp);
      }
      await signal.next();
    }
  } finally {
    signal.stop();
  }
}

/** The next events. What is delivered live was visible when it was written; while catching up, retention hides as in a read. */
function after(log: EventLog, stream: string, revision: bigint, live: boolean): StoredEvent[] {
  const entry = log.stream(stream);
  if (!entry) return [];
  if (live) return log.streamEvents(entry, revision + 1n, false, pageSize);
  const first = firstVisible(stream, entry.lastRevision, entry.retention);
  const oldest = oldestVisible(entry.retention, currentTicks());
  const from = revision + 1n > first ? revision + 1n : first;
  return log.streamEvents(entry, from, false, pageSize).filter((event) => createdOf(event) >= oldest);
}
