import { randomUUID } from "node:crypto";
import { EventStoreDBClient, jsonEvent, NO_STREAM } from "@eventstore/db-client";

/** Appends `count` catalogued books directly to the event store; resolves with their ids. */
export async function catalogueBooks(eventStoreUrl: string, count: number): Promise<string[]> {
  const client = EventStoreDBClient.connectionString(eventStoreUrl);
  const ids = Array.from({ length: count }, () => randomUUID().replaceAll("-", "").slice(0, 12));
  const append = (id: string, index: number) => {
    const data = {
      source: { name: "bench", id },
      title: `测试书 ${index}`,
      author: "无名氏",
      intro: "",
      channel: "published" as const,
      category: "测试",
      subCategory: null,
      status: "finished" as const,
      words: null,
      cover: null,
    };
    const commandId = randomUUID();
    const metadata = {
      commandId,
      commandHash: "bench",
      correlationId: commandId,
      causationId: commandId,
      schemaVersion: 2,
      occurredAt: new Date().toISOString(),
    };
    const event = jsonEvent({ type: "BookCatalogued", data, metadata });
    return client.appendToStream(`book-${id}`, event, { expectedRevision: NO_STREAM });
  };
  for (let from = 0; from < count; from += 50) {
    await Promise.all(ids.slice(from, from + 50).map((id, index) => append(id, from + index)));
  }
  await client.dispose();
  return ids;
}
