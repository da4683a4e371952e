import { setTimeout as sleep } from "node:timers/promises";
import { OutcomeUnknown, WrongExpectedRevision } from "../../src/event-store/errors.ts";
import type {
  Appended,
  AppendRevision,
  EventStore,
  EventToAppend,
  RecordedEvent,
} from "../../src/event-store/types.ts";

/** What happens to one append: `lost` is not written, `unanswered` is; the caller gets an answer to neither. */
export type Fault = "lost" | "unanswered" | undefined;

/**
 * Streams in memory with the event store's rules of exact revisions and repeated ids. `faults` are the faults of the next appends;
 * `tailDelayMs` is how much later than acknowledged an event can be read.
 */
export function inMemoryEventStore() {
  const log: RecordedEvent[] = [];
  const readableAt = new Map<RecordedEvent, number>();
  const eventsOf = (stream: string) => log.filter((event) => event.stream === stream);

  function write(stream: string, expected: AppendRevision, events: readonly EventToAppend[]): Appended {
    const stored = eventsOf(stream);
    const first = expected === "any" ? stored.length : expected === "no_stream" ? 0 : Number(expected) + 1;
    const repeated = events.length > 0 && events.every((event, index) => stored[first + index]?.id === event.id);
    if (first !== stored.length && !repeated) {
      throw new WrongExpectedRevision(stream, stored.length === 0 ? "no_stream" : BigInt(stored.length - 1));
    }
    if (!repeated) {
      for (const [index, event] of events.entries()) {
        const recorded: RecordedEvent = {
          ...JSON.parse(JSON.stringify(event)),
          stream,
          revision: BigInt(first + index),
          position: BigInt(log.length * 100),
          created: new Date(),
        };
        log.push(recorded);
        readableAt.set(recorded, Date.now() + store.tailDelayMs);
      }
    }
    const last = eventsOf(stream)[first + events.length - 1]!;
    return { revision: last.revision, position: last.position };
  }

  const store = {
    log,
    eventsOf,
    faults: [] as Fault[],
    tailDelayMs: 0,
    /** The maximum of the random duration of a call, in milliseconds. */
    latencyMs: 0,
    appends: [] as { stream: string; expected: AppendRevision; events: readonly EventToAppend[] }[],
    reads: [] as { stream: string; fromRevision: bigint }[],

    async append(stream, expected, events) {
      store.appends.push({ stream, expected, events });
      const fault = store.faults.shift();
      await sleep(Math.random() * store.latencyMs);
      if (fault === "lost") throw new OutcomeUnknown("lost on its way");
      const appended = write(stream, expected, events);
      await sleep(Math.random() * store.latencyMs);
      if (fault === "unanswered") throw new OutcomeUnknown("lost on its way back");
      return appended;
    },

    async *readStream(stream, { fromRevision = 0n, direction, maxCount = Number.MAX_SAFE_INTEGER } = {}) {
      store.reads.push({ stream, fromRevision });
      await sleep(Math.random() * store.latencyMs);
      const now = Date.now();
      const readable = eventsOf(stream).filter((event) => !(readableAt.get(event)! > now));
      if (direction === "backwards") yield* readable.reverse().slice(0, maxCount);
      else yield* readable.slice(Number(fromRevision), Number(fromRevision) + maxCount);
    },
  } satisfies Pick<EventStore, "append" | "readStream"> & Record<string, unknown>;
  return store;
}

export type InMemoryEventStore = ReturnType<typeof inMemoryEventStore>;
