import type { RecordedEvent } from "../../../event-store/types.ts";
import { chunksOf } from "../../../platform/chunksOf.ts";
import type { Client, Pool } from "../../../platform/postgres.ts";
import type { BuildRef } from "../../engine/core/build.ts";
import { type EventJson, eventFromJson, eventToJson } from "../../engine/core/eventJson.ts";
import type { ParkedEvent } from "../../engine/ports/readModelStore.ts";
import { pathOf } from "./tables.ts";

/**
 * Parked events are stored in `projections.parked` for all stores, and their keys in `projections.parked_keys`;
 * `checkpoints.parked_keys` counts those of a partition, and `parked_version` their changes. Writers must have locked
 * the partition's checkpoint.
 */
export async function park(
  client: Client,
  build: BuildRef,
  partition: number,
  events: readonly ParkedEvent[],
): Promise<void> {
  await client.query(
    `WITH given AS (
       SELECT * FROM unnest($3::int8[], $4::text[], $5::text[], $6::text[], $7::text[])
         AS given(position, key, event_id, event, error)),
     parked AS (
       INSERT INTO projections.parked (build, partition, position, key, event_id, event, error)
       SELECT $1, $2, * FROM given ON CONFLICT DO NOTHING RETURNING position, key, event_id),
     keys AS (
       SELECT key, min(position) AS position, (array_agg(event_id ORDER BY position))[1] AS event_id, count(*) AS events
       FROM parked GROUP BY key),
     known AS (
       UPDATE projections.parked_keys AS known
       SET events = known.events + keys.events, position = least(known.position, keys.position),
           event_id = CASE WHEN keys.position < known.position THEN keys.event_id ELSE known.event_id END
       FROM keys WHERE known.build = $1 AND known.partition = $2 AND known.key = keys.key RETURNING keys.key),
     fresh AS (
       INSERT INTO projections.parked_keys (build, position, partition, key, event_id, events)
       SELECT $1, position, $2, key, event_id, events FROM keys WHERE key NOT IN (SELECT key FROM known) RETURNING key)
     UPDATE ${pathOf(build.name, "checkpoints")}
     SET parked_keys = parked_keys + counted.keys, parked_version = parked_version + counted.events
     FROM (SELECT (SELECT count(*) FROM fresh) AS keys, (SELECT count(*) FROM parked) AS events) AS counted
     WHERE partition = $2`,
    [
      build.name,
      partition,
      events.map(({ event }) => event.position),
      events.map(({ key }) => key),
      events.map(({ event }) => event.id),
      events.map(({ event }) => JSON.stringify(eventToJson(event))),
      events.map(({ error }) => storedError(error)),
    ],
  );
}

/** Events per statement: their JSON is made without a turn of the event loop. */
const eventsAtOnce = 2_000;

/** `park` for any number of events, as a fill may park. */
export async function parkAll(
  client: Client,
  build: BuildRef,
  partition: number,
  events: readonly ParkedEvent[],
): Promise<void> {
  for (const some of chunksOf(events, eventsAtOnce)) await park(client, build, partition, some);
}

const ofKey = "build = $1 AND partition = $2 AND hashtextextended(key, 0) = hashtextextended($3, 0) AND key = $3";

/** See `PartitionSession.unpark`. Touches only removed events, and the first remaining one. */
export async function unpark(
  client: Client,
  build: BuildRef,
  partition: number,
  key: string,
  kept: readonly ParkedEvent[],
): Promise<void> {
  const [first] = kept;
  const ids = [build.name, partition, key];
  await client.query(`DELETE FROM projections.parked WHERE ${ofKey} AND position <> ALL ($4::int8[])`, [
    ...ids,
    kept.map(({ event }) => event.position),
  ]);
  if (first !== undefined) {
    await client.query(`UPDATE projections.parked SET error = $4 WHERE ${ofKey} AND position = $5`, [
      ...ids,
      storedError(first.error),
      first.event.position,
    ]);
  }
  const changed =
    first === undefined
      ? await client.query("DELETE FROM projections.parked_keys WHERE build = $1 AND partition = $2 AND key = $3", ids)
      : await client.query(
          `UPDATE projections.parked_keys SET position = $4, event_id = $5, events = $6, retry_begun = false
           WHERE build = $1 AND partition = $2 AND key = $3`,
          [...ids, first.event.position, first.event.id, kept.length],
        );
  if (changed.rowCount === 0) return;
  await client.query(
    `UPDATE ${pathOf(build.name, "checkpoints")} SET parked_keys = parked_keys - $2, parked_version = parked_version + 1
     WHERE partition = $1`,
    [partition, first === undefined ? 1 : 0],
  );
}

/** See `PartitionSession.parkedKeys`. */
export async function parkedKeysOf(
  client: Client | Pool,
  build: BuildRef,
  partition: number,
): Promise<ReadonlyMap<string, bigint>> {
  const found = await client.query<{ key: string; position: bigint }>(
    "SELECT key, position FROM projections.parked_keys WHERE build = $1 AND partition = $2",
    [build.name, partition],
  );
  return new Map(found.rows.map(({ key, position }) => [key, position]));
}

export async function parkedEventsOf(
  client: Client | Pool,
  build: BuildRef,
  partition: number,
  key: string,
): Promise<readonly ParkedEvent[]> {
  const found = await client.query<{ event: string; error: string | null }>(
    `SELECT event, error FROM projections.parked WHERE ${ofKey} ORDER BY position`,
    [build.name, partition, key],
  );
  return found.rows.map(({ event, error }) => ({ key, event: eventFromText(event), error }));
}

/** Records, in a transaction of its own, that a retry of the key is about to write rows. */
export async function markRetryBegun(pool: Pool, build: BuildRef, partition: number, key: string): Promise<void> {
  await pool.query(
    "UPDATE projections.parked_keys SET retry_begun = true WHERE build = $1 AND partition = $2 AND key = $3",
    [build.name, partition, key],
  );
}

export function eventFromText(text: string): RecordedEvent {
  return eventFromJson(JSON.parse(text) as EventJson);
}

const storedError = (error: string | null) => error?.replaceAll("\0", "\ufffd") ?? null;
