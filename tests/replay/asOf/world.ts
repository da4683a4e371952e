import type { EventDefinitions } from "../../../src/domain/event.ts";
import { allEvents, type HeimaEvent } from "../../../src/domain/events.ts";
import { categoryOf } from "../../../src/domain/streams.ts";
import { StreamDeleted } from "../../../src/event-store/errors.ts";
import type { EventStore, RecordedEvent } from "../../../src/event-store/types.ts";

/** An event of a stream, recorded this many minutes after the beginning of 2026. */
export type At = readonly [minutes: number, stream: string, event: HeimaEvent];

export const minute = (minutes: number) => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000);

/** The events as a store recorded them, in their order: positions from 0 on, by 100. */
export function recorded(events: readonly At[]): readonly RecordedEvent[] {
  const revisions = new Map<string, bigint>();
  return events.map(([minutes, stream, { type, data }], index) => {
    if (categoryOf(stream) === undefined) throw new Error(`${stream} is no stream of ours`);
    const revision = (revisions.get(stream) ?? -1n) + 1n;
    revisions.set(stream, revision);
    const id = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
    return {
      id,
      type,
      stream,
      data,
      revision,
      position: BigInt(index) * 100n,
      created: minute(minutes),
      metadata: {
        commandId: id,
        commandHash: "0".repeat(64),
        correlationId: id,
        causationId: id,
        schemaVersion: (allEvents as EventDefinitions)[type]?.version ?? 1,
        occurredAt: minute(minutes).toISOString(),
      },
    };
  });
}

/** The reading half of an event store with these events; the streams of `deleted` are tombstoned. */
export function storeOf(
  events: readonly RecordedEvent[],
  deleted: readonly string[] = [],
): Pick<EventStore, "readStream"> {
  return {
    async *readStream(stream, { maxCount } = {}) {
      if (deleted.includes(stream)) throw new StreamDeleted(`${stream} is deleted`);
      yield* events.filter((event) => event.stream === stream).slice(0, maxCount);
    },
  };
}
