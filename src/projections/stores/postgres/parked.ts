import type { RecordedEvent } from "../../../event-store/types.ts";
import type { Client, Pool } from "../../../platform/postgres.ts";
import type { BuildPlace } from "../../engine/core/build.ts";
import { type EventJson, eventFromJson, eventToJson } from "../../engine/core/eventJson.ts";
import type { ParkedEvent, ParkedKey } from "../../engine/ports/readModelStore.ts";

/** Parked events lie in `projections.parked`, whatever store the rows are in; `checkpoints.parked_keys` counts their keys. */
export async function park(
  client: Client,
  build: BuildPlace,
  partition: number,
  events: readonly ParkedEvent[],
): Promise<void> {
  await client.query(
    `INSERT INTO projections.parked (build, partition, position, key, event_id, event, error)
     SELECT $1, $2, * FROM unnest($3::int8[], $4::text[], $5::text[], $6::text[], $7::text[])`,
    [
      build.name,
      partition,
      events.map(({ event }) => event.position),
      events.map(({ key }) => key),
      events.map(({ event }) => event.id),
      events.map(({ event }) => JSON.stringify(eventToJson(event))),
      events.map(({ error }) => error?.replaceAll("\0", "\ufffd") ?? null),
    ],
  );
  await countParkedKeys(client, build, partition);
}

export async function unpark(client: Client, build: BuildPlace, partition: number, key: string): Promise<void> {
  await client.query("DELETE FROM projections.parked WHERE build = $1 AND partition = $2 AND key = $3", [
    build.name,
    partition,
    key,
  ]);
  await countParkedKeys(client, build, partition);
}

async function countParkedKeys(client: Client, build: BuildPlace, partition: number): Promise<void> {
  await client.query(
    `UPDATE ${build.name}.checkpoints SET parked_keys =
       (SELECT count(DISTINCT key) FROM projections.parked WHERE build = $1 AND partition = $2)
     WHERE partition = $2`,
    [build.name, partition],
  );
}

export async function parkedKeysOf(client: Client, build: BuildPlace, partition: number): Promise<ReadonlySet<string>> {
  const found = await client.query<{ key: string }>(
    "SELECT DISTINCT key FROM projections.parked WHERE build = $1 AND partition = $2",
    [build.name, partition],
  );
  return new Set(found.rows.map(({ key }) => key));
}

export async function parkedEventsOf(
  client: Client,
  build: BuildPlace,
  partition: number,
  key: string,
): Promise<readonly ParkedEvent[]> {
  const found = await client.query<{ event: string; error: string | null }>(
    `SELECT event, error FROM projections.parked
     WHERE build = $1 AND partition = $2 AND key = $3 ORDER BY position`,
    [build.name, partition, key],
  );
  return found.rows.map(({ event, error }) => ({ key, event: eventFromText(event), error }));
}

/** Every parked key of a build with its first event, in the order of those. */
export async function listParked(db: Pool | Client, build: BuildPlace): Promise<readonly ParkedKey[]> {
  const found = await db.query<{
    partition: number;
    key: string;
    event: string;
    error: string | null;
    events: bigint;
    since: Date;
  }>(
    `SELECT DISTINCT ON (partition, key) partition, key, event, error, parked_at AS since,
            count(*) OVER (PARTITION BY partition, key) AS events
     FROM projections.parked WHERE build = $1 ORDER BY partition, key, position`,
    [build.name],
  );
  return found.rows
    .map(({ partition, key, event, error, events, since }) => {
      const { id, type, stream, position } = eventFromText(event);
      return { partition, key, eventId: id, type, stream, position, error: error ?? "", events: Number(events), since };
    })
    .sort((a, b) => (a.position < b.position ? -1 : 1));
}

function eventFromText(text: string): RecordedEvent {
  return eventFromJson(JSON.parse(text) as EventJson);
}
