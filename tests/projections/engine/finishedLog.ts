import type { EventStore, RecordedEvent } from "../../../src/event-store/types.ts";

const isIn = (stream: string, categories: readonly string[]) =>
  categories.some((category) => stream.startsWith(`${category}-`));

/** A finished log for a fill to read. With `end: false` its subscriptions never report "caught up". */
export function finishedLog(written: readonly RecordedEvent[], { end = true } = {}) {
  const events = [...written];
  const openings: (bigint | undefined)[] = [];
  const eventStore: Pick<EventStore, "readAll" | "readLogAt" | "readLogEnd" | "readStream" | "subscribe"> = {
    readLogAt: async (position) => events.find((event) => event.position >= position),
    readLogEnd: async () => events.at(-1)?.position,
    async *readStream(stream) {
      yield* events.filter((event) => event.stream === stream);
    },
    async *readAll({ fromPosition = -1n, direction, categories = [] } = {}) {
      const read = events.filter(({ stream }) => categories.length === 0 || isIn(stream, categories));
      if (direction === "backwards") yield* read.toReversed();
      else yield* read.filter(({ position }) => position >= fromPosition);
    },
    async *subscribe({ after = -1n, signal, categories }) {
      openings.push(after === -1n ? undefined : after);
      for (const event of events) {
        if (signal.aborted) return;
        if (event.position > after && isIn(event.stream, categories)) yield { kind: "event", event };
      }
      if (end) yield { kind: "caughtUp" };
      if (!signal.aborted) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      }
    },
  };
  return { openings, events, eventStore: eventStore as EventStore };
}
