import { randomUUID } from "node:crypto";
import {
  END,
  EventStoreDBClient,
  eventTypeFilter,
  jsonEvent,
  persistentSubscriptionToStreamSettingsFromDefaults,
  streamNameFilter,
} from "@eventstore/db-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freshEventStore } from "../../support/eventStore.ts";

/* Intended differences of the embedded store from EventStoreDB: docs/eventstore-differences.md. */

let store: Awaited<ReturnType<typeof freshEventStore>>;
let client: EventStoreDBClient;

beforeAll(async () => {
  store = await freshEventStore("EventStoreDB answers differently (docs/eventstore-differences.md)");
  client = EventStoreDBClient.connectionString(store.url);
});

afterAll(async () => {
  await client?.dispose();
  await store?.stop();
});

const events = (...types: string[]) => types.map((type) => jsonEvent({ id: randomUUID(), type, data: {} }));
const newStream = (category = "stream") => `${category}-${randomUUID()}`;

async function take(
  subscription: AsyncIterable<{ event?: { type: string } }> & { unsubscribe(): Promise<void> },
  count: number,
) {
  const types: string[] = [];
  for await (const { event: received } of subscription) {
    if (received) types.push(received.type);
    if (types.length === count) break;
  }
  await subscription.unsubscribe();
  return types;
}

it("subscriptions catch up only once, also past an event too large for what the server keeps in memory", async () => {
  const category = `big${randomUUID().slice(0, 8)}`;
  const filter = streamNameFilter({ prefixes: [category] });
  const subscription = client.subscribeToAll({ fromPosition: END, filter });
  let caughtUps = 0;
  subscription.on("caughtUp", () => caughtUps++);
  const firstTime = new Promise((resolve) => subscription.once("caughtUp", resolve));
  const taken = take(subscription, 3);
  await firstTime;
  const large = jsonEvent({ type: "Large", data: { text: "书".repeat(200_000) } });
  await client.appendToStream(newStream(category), events("A"));
  await client.appendToStream(newStream("other"), [large]);
  await client.appendToStream(newStream(category), [large]);
  await client.appendToStream(newStream(category), events("B"));
  expect(await taken).toEqual(["A", "Large", "B"]);
  expect(caughtUps).toBe(1);
});

it("what is not supported is refused as unimplemented, by name", async () => {
  const refusal = (method: string) => ({ code: 12, message: expect.stringContaining(method) });
  await expect(client.listProjections()).rejects.toMatchObject(refusal("Projections/Statistics"));
  await expect(
    client.createPersistentSubscriptionToStream(
      newStream(),
      "group",
      persistentSubscriptionToStreamSettingsFromDefaults(),
    ),
  ).rejects.toMatchObject(refusal("PersistentSubscriptions/Create"));
});

it("a filter that is no regular expression ends the subscription with an error", async () => {
  const subscription = client.subscribeToAll({ filter: eventTypeFilter({ regex: "(" }) });
  const error = await new Promise((resolve) => subscription.once("error", resolve));
  expect(error).toMatchObject({ code: 3 });
});
