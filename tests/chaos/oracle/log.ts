import { EventStoreDBClient, FORWARDS, START } from "@eventstore/db-client";
import { categoryOf } from "../../../src/domain/streams.ts";
import { groupBy } from "./groupBy.ts";

/** An event of the log for the verdict: read with the official client only. */
export type LoggedEvent = {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly created: Date;
  readonly data: Record<string, unknown>;
  readonly commandId: string;
  readonly schemaVersion: number;
  /** The time of the command, by the clock of the API. */
  readonly occurredAt: string;
};

/** Every event of ours in $all, in order; or of one stream only. Rejects when the event store is unavailable. */
export async function readLog(url: string, stream?: string): Promise<readonly LoggedEvent[]> {
  const client = EventStoreDBClient.connectionString(url);
  const events: LoggedEvent[] = [];
  try {
    for await (const { event } of client.readAll({ direction: FORWARDS, fromPosition: START })) {
      if (event === undefined || categoryOf(event.streamId) === undefined) continue;
      if (stream !== undefined && event.streamId !== stream) continue;
      // The event store's own: a tombstone.
      if (event.type.startsWith("$")) continue;
      const { commandId, schemaVersion, occurredAt } = event.metadata as LoggedEvent;
      events.push({
        id: event.id,
        type: event.type,
        stream: event.streamId,
        revision: event.revision,
        position: event.position.commit,
        created: event.created,
        data: event.data as Record<string, unknown>,
        commandId,
        schemaVersion,
        occurredAt,
      });
    }
    return events;
  } finally {
    await client.dispose();
  }
}

/** Which of these streams are not deleted for good. Rejects when the event store is unavailable. */
export async function notTombstoned(url: string, streams: readonly string[]): Promise<readonly string[]> {
  const client = EventStoreDBClient.connectionString(url);
  const left: string[] = [];
  try {
    for (const stream of streams) {
      try {
        for await (const _ of client.readStream(stream, { maxCount: 1 }));
        left.push(stream);
      } catch (error) {
        const { type } = error as { type?: string };
        if (type === "stream-not-found") left.push(stream);
        else if (type !== "stream-deleted") throw error;
      }
    }
    return left;
  } finally {
    await client.dispose();
  }
}

/**
 * The streams from which a scavenge may have removed events: those of readers who are `gone` that have a gap or are empty. A log
 * that was not scavenged has all events.
 */
export function cutBy(
  events: readonly LoggedEvent[],
  gone: ReadonlySet<string>,
): (of: { readonly category: string; readonly readerId: string }) => boolean {
  if (!events.some(({ type }) => type === "ScavengeBegun")) return () => false;
  const streams = groupBy(events, ({ stream }) => stream);
  return ({ category, readerId }) => {
    const own = streams.get(`${category}-${readerId}`) ?? [];
    const isWhole = own.length > 0 && own.every(({ revision }, index) => revision === BigInt(index));
    return gone.has(readerId) && !isWhole;
  };
}

/** The ids of the events that operators skip in a read model. */
export function skippedIn(events: readonly LoggedEvent[], readModel: string): ReadonlySet<string> {
  const skips = events.filter(({ type, data }) => type === "ParkedEventSkipped" && data.readModel === readModel);
  return new Set(skips.map(({ data }) => data.eventId as string));
}
