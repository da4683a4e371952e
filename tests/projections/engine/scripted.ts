import { inChunks } from "../../../src/event-store/inChunks.ts";
import type { EventStore, RecordedEvent, SubscriptionMessage } from "../../../src/event-store/types.ts";
import type { Batch } from "../../../src/projections/engine/core/batch.ts";
import type { PartitionQueues } from "../../../src/projections/engine/transport/partitionQueues.ts";
import { finishedLog } from "./finishedLog.ts";

/** A log for dispatching a build: its subscriptions deliver all available events together. */
export function forDispatch(eventStore: EventStore) {
  return {
    ...eventStore,
    subscribe: (asked: Parameters<EventStore["subscribe"]>[0]) => inChunks(eventStore.subscribe(asked)),
  };
}

/** A log that the test writes: its open subscriptions, and ways to make them fail. */
export function scriptedLog(...events: RecordedEvent[]) {
  const openings: (bigint | undefined)[] = [];
  let queues: { deaf: boolean; messages: (SubscriptionMessage | Error)[]; wake: () => void }[] = [];
  const tell = (message: SubscriptionMessage | Error) => {
    for (const queue of queues) {
      if (queue.deaf) continue;
      queue.messages.push(message);
      queue.wake();
    }
  };
  const eventStore = {
    readLogAt: async (position: bigint) => events.find((event) => event.position >= position),
    readLogEnd: async () => events.at(-1)?.position,
    async *readStream(stream: string) {
      yield* events.filter((event) => event.stream === stream);
    },
    readAll: (range?: Parameters<EventStore["readAll"]>[0]) => finishedLog(events).eventStore.readAll(range),
    async *subscribe({ after, signal }: Parameters<EventStore["subscribe"]>[0]) {
      openings.push(after);
      const own = { deaf: false, messages: [] as (SubscriptionMessage | Error)[], wake: () => {} };
      for (const event of events) if (event.position > (after ?? -1n)) own.messages.push({ kind: "event", event });
      own.messages.push({ kind: "caughtUp" });
      queues.push(own);
      signal.addEventListener("abort", () => own.wake());
      try {
        while (!signal.aborted) {
          const message = own.messages.shift();
          if (message instanceof Error) throw message;
          if (message !== undefined) yield message;
          else {
            await new Promise<void>((resolve) => {
              own.wake = resolve;
            });
          }
        }
      } finally {
        queues = queues.filter((queue) => queue !== own);
      }
    },
  };
  return {
    openings,
    eventStore: eventStore as unknown as EventStore,
    events,
    write: (event: RecordedEvent) => {
      events.push(event);
      tell({ kind: "event", event });
    },
    /** A checkpoint of the store: the log was read up to here. */
    checkpoint: (position: bigint) => tell({ kind: "checkpoint", position }),
    /** How many subscriptions are open. */
    listening: () => queues.length,
    /** The connections of all subscriptions are lost. */
    fail: () => tell(new Error("connection lost")),
    /** The open subscriptions receive nothing any more, without an error. */
    silence: () => {
      for (const queue of queues) queue.deaf = true;
    },
  };
}

/** Queues that record what they were sent; the test sets how much of it waits. */
export function keptQueues() {
  const kept = { sent: [] as Batch[], queuedInPartition: 0, waitingInAll: 0, leftOut: [] as number[] };
  const queues: PartitionQueues = {
    onePerPartition: async () => {},
    send: async (batches) => void kept.sent.push(...batches),
    queued: async () => kept.queuedInPartition,
    waiting: async (leaveOut) => {
      kept.leftOut = [...leaveOut];
      return kept.waitingInAll;
    },
    close: async () => {},
  };
  return { kept, queues };
}
