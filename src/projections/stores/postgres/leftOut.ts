import type { Client, Pool } from "../../../platform/postgres.ts";
import type { BuildRef } from "../../engine/core/build.ts";

/** See `PartitionSession.leaveOut`; in the transaction that advances the checkpoint or unparks the events. */
export async function leaveOut(client: Client | Pool, build: BuildRef, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length === 0) return;
  await client.query(
    "INSERT INTO projections.left_out (build, event_id) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING",
    [build.name, eventIds],
  );
}

/** See `ReadModelStore.leftOut`. */
export async function readLeftOut(pool: Pool, build: BuildRef): Promise<ReadonlySet<string>> {
  const found = await pool.query<{ event_id: string }>("SELECT event_id FROM projections.left_out WHERE build = $1", [
    build.name,
  ]);
  return new Set(found.rows.map(({ event_id }) => event_id));
}
