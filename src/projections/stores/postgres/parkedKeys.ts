import type { Client, Pool } from "../../../platform/postgres.ts";
import type { BuildRef } from "../../engine/core/build.ts";
import type { ParkedKey, ParkedKeyRef, ParkedPage } from "../../engine/ports/readModelStore.ts";
import { eventFromText } from "./parked.ts";

type Stored = {
  readonly partition: number;
  readonly key: string;
  readonly event: string;
  readonly error: string | null;
  readonly events: bigint;
  readonly since: Date;
};

function toParkedKey({ partition, key, event, error, events, since }: Stored): ParkedKey {
  const { id, type, stream, position } = eventFromText(event);
  return { partition, key, eventId: id, type, stream, position, error: error ?? "", events: Number(events), since };
}

/** See `ReadModelStore.parkedKeys`: reads no events. */
export async function readParkedKeys(db: Pool | Client, build: BuildRef): Promise<readonly ParkedKeyRef[]> {
  const found = await db.query<
    Omit<ParkedKeyRef, "eventId" | "retryBegun"> & { event_id: string; retry_begun: boolean }
  >({
    name: "parked keys",
    text: `SELECT partition, key, position, event_id, retry_begun FROM projections.parked_keys
           WHERE build = $1 ORDER BY position, partition`,
    values: [build.name],
  });
  return found.rows.map(({ event_id, retry_begun, ...parked }) => ({
    ...parked,
    eventId: event_id,
    ...(retry_begun && { retryBegun: true }),
  }));
}

/** See `ReadModelStore.parked`. */
export async function listParked(
  db: Pool | Client,
  build: BuildRef,
  { after, limit }: ParkedPage,
): Promise<readonly ParkedKey[]> {
  const found = await db.query<Stored>(
    `SELECT keys.partition, keys.key, keys.events, keys.since, first.event, first.error
     FROM projections.parked_keys AS keys
     JOIN projections.parked AS first
       ON first.build = keys.build AND first.partition = keys.partition AND first.position = keys.position
     WHERE keys.build = $1 AND (keys.position, keys.partition) > ($2, $3)
     ORDER BY keys.position, keys.partition LIMIT $4`,
    [build.name, after?.position ?? -1n, after?.partition ?? -1, limit],
  );
  return found.rows.map(toParkedKey);
}

/** The parked keys derived from the events themselves, to verify the counts. */
export async function countParked(db: Client, build: BuildRef): Promise<readonly ParkedKey[]> {
  const found = await db.query<Stored>(
    `SELECT DISTINCT ON (partition, key) partition, key, event, error, parked_at AS since,
            count(*) OVER (PARTITION BY partition, key) AS events
     FROM projections.parked WHERE build = $1 ORDER BY partition, key, position`,
    [build.name],
  );
  return found.rows.map(toParkedKey).sort((a, b) => (a.position < b.position ? -1 : 1));
}
