import { EventStoreDBClient, FORWARDS, START } from "@eventstore/db-client";
import { databaseUrl, queryDatabase } from "./systems.ts";
import type { Contestant } from "./turn.ts";

/** Acknowledged and stored changes; `unsure` readers are in neither number. */
export type Counted = { readonly acknowledged: number; readonly stored: number; readonly differing: number };

/** Counts, for each system that stores anything, each reader's changes in its store. Returns what was found by letter. */
export async function countStored(
  contestants: readonly Contestant[],
  environment: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, Counted>> {
  const streams = await eventsByStream(environment.EVENTSTORE_URL ?? "");
  const counted = new Map<string, Counted>();
  for (const { letter, keeps, told } of contestants) {
    if (keeps === undefined) continue;
    const rows = "database" in keeps ? await rowsByReader(databaseUrl(environment, keeps.database)) : undefined;
    const storedOf = (reader: string) =>
      ("category" in keeps ? streams.get(`${keeps.category}-${reader}`) : rows?.get(reader)) ?? 0;
    const sure = [...told.acknowledged].filter(([reader]) => !told.unsure.has(reader));
    counted.set(letter, {
      acknowledged: sure.reduce((sum, [, count]) => sum + count, 0),
      stored: sure.reduce((sum, [reader]) => sum + storedOf(reader), 0),
      differing: sure.filter(([reader, count]) => storedOf(reader) !== count).length,
    });
  }
  return counted;
}

async function eventsByStream(url: string): Promise<ReadonlyMap<string, number>> {
  const client = EventStoreDBClient.connectionString(url);
  const counts = new Map<string, number>();
  try {
    for await (const { event } of client.readAll({ direction: FORWARDS, fromPosition: START })) {
      if (event === undefined || event.type.startsWith("$")) continue;
      counts.set(event.streamId, (counts.get(event.streamId) ?? 0) + 1);
    }
    return counts;
  } finally {
    await client.dispose();
  }
}

async function rowsByReader(url: string): Promise<ReadonlyMap<string, number>> {
  const text = "SELECT reader_id, count(*) AS changes FROM shelf_log GROUP BY reader_id";
  const rows = await queryDatabase<{ reader_id: string; changes: string }>(url, text);
  return new Map(rows.map(({ reader_id, changes }) => [reader_id, Number(changes)]));
}
