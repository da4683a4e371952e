import { EventStoreDBClient, START, streamNameFilter } from "@eventstore/db-client";
import pg from "pg";
import type { ShelfEvent } from "./command.ts";

// One subscriber that writes each event of its category to a row of Postgres, at most a hundred in a transaction, with its
// position. No partitions, no queues, no other recovery.

const db = new pg.Client({ connectionString: process.env.DATABASE_URL });
await db.connect();
await db.query(`CREATE TABLE IF NOT EXISTS shelf (reader_id uuid, book_id text, added_at timestamptz NOT NULL, PRIMARY KEY (reader_id, book_id));
  CREATE TABLE IF NOT EXISTS checkpoint (one int PRIMARY KEY, position text, events bigint NOT NULL);
  INSERT INTO checkpoint VALUES (1, NULL, 0) ON CONFLICT DO NOTHING`);
const { position } = (await db.query("SELECT position FROM checkpoint")).rows[0] as { position: string | null };

type Projected = { readonly event: ShelfEvent; readonly readerId: string; readonly created: Date; readonly at: bigint };
const waiting: Projected[] = [];
let wake = () => {};
const subscription = EventStoreDBClient.connectionString(process.env.EVENTSTORE_URL ?? "").subscribeToAll({
  fromPosition: position === null ? START : { commit: BigInt(position), prepare: BigInt(position) },
  filter: streamNameFilter({ prefixes: [`${process.env.PEER_CATEGORY}-`] }),
});
subscription.on("data", (resolved) => {
  const { event } = resolved as unknown as {
    event: ShelfEvent & { streamId: string; created: Date; position: { commit: bigint } };
  };
  const readerId = event.streamId.slice(event.streamId.indexOf("-") + 1);
  waiting.push({ event, readerId, created: event.created, at: event.position.commit });
  if (waiting.length >= 1_000) subscription.pause();
  wake();
});
process.once("disconnect", () => process.exit());
process.on("SIGTERM", () => process.exit());
process.send?.("ready");

const put = "INSERT INTO shelf VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const remove = "DELETE FROM shelf WHERE reader_id = $1 AND book_id = $2";
for (;;) {
  if (waiting.length === 0) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  const batch = waiting.splice(0, 100);
  if (waiting.length < 500) subscription.resume();
  await db.query("BEGIN");
  for (const { event, readerId, created } of batch) {
    const values = [readerId, event.data.bookId];
    if (event.type === "BookAddedToShelf") await db.query({ name: "put", text: put, values: [...values, created] });
    else await db.query({ name: "remove", text: remove, values });
  }
  const progress = [String(batch.at(-1)?.at), batch.length];
  await db.query("UPDATE checkpoint SET position = $1, events = events + $2", progress);
  await db.query("COMMIT");
}
