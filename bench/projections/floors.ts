import { EventStoreDBClient, START, streamNameFilter } from "@eventstore/db-client";
import { createCodec } from "../../src/event-store/codec.ts";
import type { EventStore } from "../../src/event-store/types.ts";
import type { Pool } from "../../src/platform/postgres.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import type { RowChange } from "../../src/projections/engine/core/changes.ts";
import { subscribedCategories } from "../../src/projections/engine/core/declaration.ts";
import { keyText } from "../../src/projections/engine/core/rowKeys.ts";
import type { ReadModelStore } from "../../src/projections/engine/ports/readModelStore.ts";
import { threeTables } from "./readModel.ts";

/**
 * Events a second that a subscription of our own reader delivers and the codec decodes, from the log's beginning to its end, and
 * nothing else.
 */
export async function bareSubscription(eventStore: EventStore): Promise<{ rate: number; events: number }> {
  const codec = createCodec();
  const leave = new AbortController();
  const begun = performance.now();
  let events = 0;
  const subscription = eventStore.subscribe({
    categories: subscribedCategories(threeTables),
    after: undefined,
    signal: leave.signal,
  });
  for await (const message of subscription) {
    if (message.kind === "event") {
      codec.decode(message.event);
      events++;
    }
    if (message.kind === "caughtUp") leave.abort();
  }
  return { rate: (events * 1_000) / (performance.now() - begun), events };
}

/** The same with the official client in its usual form: it decodes the JSON, and the events are not used. */
export async function clientSubscription(url: string, events: number): Promise<{ rate: number }> {
  const client = EventStoreDBClient.connectionString(url);
  const prefixes = subscribedCategories(threeTables).map((category) => `${category}-`);
  const begun = performance.now();
  let seen = 0;
  const subscription = client.subscribeToAll({ fromPosition: START, filter: streamNameFilter({ prefixes }) });
  for await (const { event } of subscription) {
    if (event !== undefined) seen++;
    if (seen === events) break;
  }
  const ms = performance.now() - begun;
  await client.dispose();
  return { rate: (events * 1_000) / ms };
}

/** Rows a second of COPY alone: the rows of an existing build are copied into `empty`, a new one. */
export async function copyOfRows(
  { store, pool }: { store: ReadModelStore; pool: Pool },
  build: Build,
  empty: Build,
): Promise<{ rate: number; rows: number; ms: number }> {
  const changes = new Map<string, { wipes: []; rows: Map<string, RowChange> }>();
  let rows = 0;
  for (const [name, table] of Object.entries(build.readModel.tables)) {
    const found = await pool.query({ text: `SELECT * FROM ${build.name}.${name}` });
    rows += found.rows.length;
    changes.set(name, {
      wipes: [],
      rows: new Map(found.rows.map((row) => [keyText(table, row), { key: row, row, at: 0n }])),
    });
  }
  const begun = performance.now();
  const before = { position: -1n, eventId: "" };
  const parkedVersions = (await store.checkpoints(empty)).map(({ parkedVersion }) => parkedVersion);
  await store.fill(empty, {
    from: before,
    parkedVersions,
    changes,
    parked: [],
    leftOut: [],
    upTo: { position: 0n, eventId: "bench" },
  });
  const ms = performance.now() - begun;
  return { rate: (rows * 1_000) / ms, rows, ms };
}
