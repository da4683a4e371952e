import { EventStoreDBClient, FORWARDS, START } from "@eventstore/db-client";

/** An event of the log as the verdict needs it: read by the client alone, with nothing of src in between. */
export type LoggedEvent = {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly position: bigint;
  readonly created: Date;
  readonly data: Record<string, unknown>;
  readonly commandId: string;
};

/** Every event of ours in $all, in order; or of one stream only. Rejects when the event store is away. */
export async function readLog(url: string, stream?: string): Promise<readonly LoggedEvent[]> {
  const client = EventStoreDBClient.connectionString(url);
  const events: LoggedEvent[] = [];
  try {
    for await (const { event } of client.readAll({ direction: FORWARDS, fromPosition: START })) {
      if (event === undefined || !/^(shelf|book|account|operations)-/.test(event.streamId)) continue;
      if (stream !== undefined && event.streamId !== stream) continue;
      // The event store's own: a tombstone.
      if (event.type.startsWith("$")) continue;
      const { commandId } = event.metadata as { commandId: string };
      events.push({
        id: event.id,
        type: event.type,
        stream: event.streamId,
        position: event.position.commit,
        created: event.created,
        data: event.data as Record<string, unknown>,
        commandId,
      });
    }
    return events;
  } finally {
    await client.dispose();
  }
}

/** The ids of the events that operators skip in a read model. */
export function skippedIn(events: readonly LoggedEvent[], readModel: string): ReadonlySet<string> {
  const skips = events.filter(({ type, data }) => type === "ParkedEventSkipped" && data.readModel === readModel);
  return new Set(skips.map(({ data }) => data.eventId as string));
}
