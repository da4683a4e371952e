import { AppendTooLarge, InvalidPosition, StreamDeleted, WrongExpectedRevision } from "../../src/event-store/errors.ts";
import type { EventStore, EventToAppend, RecordedEvent, SubscriptionMessage } from "../../src/event-store/types.ts";

/** Bytes of data, metadata and type of one append: the server's limit. */
const maxBytes = 1_048_576;

/**
 * An event store in memory that fulfils the contract of ../event-store/contract.ts, for tests of its users. It is always available;
 * tests of lost connections need a server. `tombstone` acts like an operator.
 */
export function memoryEventStore(): EventStore & { tombstone(stream: string): void } {
  const log: RecordedEvent[] = [];
  const tombstones = new Set<string>();
  const listeners = new Set<() => void>();
  let position = 0n;

  const eventsOf = (stream: string) => {
    if (tombstones.has(stream)) throw new StreamDeleted(`stream ${stream} is deleted`);
    return log.filter((event) => event.stream === stream);
  };
  const record = (stream: string, revision: bigint, event: EventToAppend): RecordedEvent => {
    position += 100n;
    return { ...(JSON.parse(JSON.stringify(event)) as EventToAppend), stream, revision, position, created: new Date() };
  };
  const inCategories = (categories: readonly string[]) => (event: RecordedEvent) =>
    categories.length === 0 || categories.some((category) => event.stream.startsWith(`${category}-`));
  const requirePosition = (at: bigint) => {
    const beyond = log.at(-1) === undefined || at > (log.at(-1)?.position ?? 0n);
    if (at !== 0n && !beyond && !log.some((event) => event.position === at))
      throw new InvalidPosition(`the log has no such position: ${at}`);
  };

  const store: EventStore & { tombstone(stream: string): void } = {
    async append(stream, expected, events) {
      for (const { type, data } of events)
        if (JSON.stringify(data) === undefined) throw new TypeError(`the data of ${type} are no JSON`);
      const bytes = events.reduce((sum, event) => sum + Buffer.byteLength(JSON.stringify(event.data)), 0);
      if (bytes > maxBytes) throw new AppendTooLarge(`the append to ${stream} is too large`);
      const present = eventsOf(stream);
      const last = present.at(-1)?.revision ?? -1n;
      const after = expected === "any" ? last : expected === "no_stream" ? -1n : expected;
      const written = present.slice(Number(after + 1n), Number(after + 1n) + events.length);
      const repeated = written.at(-1);
      if (after < last && repeated !== undefined && written.length === events.length) {
        if (written.every(({ id }, index) => id === events[index]?.id))
          return { revision: repeated.revision, position: repeated.position };
      }
      if (after !== last) throw new WrongExpectedRevision(stream, last < 0n ? "no_stream" : last);
      log.push(...events.map((event, index) => record(stream, last + 1n + BigInt(index), event)));
      for (const wake of listeners) wake();
      return { revision: last + BigInt(events.length), position };
    },
    async *readStream(stream, { fromRevision, direction = "forwards", maxCount, signal } = {}) {
      const events = eventsOf(stream).filter(({ revision }) => {
        if (fromRevision === undefined) return true;
        return direction === "forwards" ? revision >= fromRevision : revision <= fromRevision;
      });
      for (const event of (direction === "forwards" ? events : events.reverse()).slice(0, maxCount)) {
        if (signal?.aborted) return;
        yield event;
      }
    },
    async *readAll({ fromPosition, direction = "forwards", maxCount, categories = [], signal } = {}) {
      if (fromPosition !== undefined) requirePosition(fromPosition);
      const events = log.filter(inCategories(categories)).filter((event) => {
        if (fromPosition === undefined) return true;
        return direction === "forwards" ? event.position >= fromPosition : event.position < fromPosition;
      });
      for (const event of (direction === "forwards" ? events : events.reverse()).slice(0, maxCount)) {
        if (signal?.aborted) return;
        yield event;
      }
    },
    async readLogAt(at) {
      const found = log.find((event) => event.position === at) ?? (at === 0n ? log[0] : undefined);
      return found && { id: found.id, position: found.position };
    },
    readLogEnd: async () => log.at(-1)?.position,
    async *subscribe({ categories, after, signal }): AsyncGenerator<SubscriptionMessage> {
      if (after !== undefined) requirePosition(after);
      const wanted = inCategories(categories);
      let seen = after ?? -1n;
      let live = false;
      while (!signal.aborted) {
        const next = log.find((event) => event.position > seen && wanted(event));
        if (next !== undefined) {
          seen = next.position;
          yield { kind: "event", event: next };
        } else if (!live) {
          live = true;
          yield { kind: "caughtUp" };
        } else await waitForMore(signal);
      }
    },
    startScavenge: async () => ({ scavengeId: "in-memory", result: "started" }),
    ping: async () => {},
    close: async () => {},
    tombstone: async (stream) => void tombstones.add(stream),
  };
  return store;

  async function waitForMore(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        listeners.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      listeners.add(done);
      signal.addEventListener("abort", done, { once: true });
    });
  }
}
