import { createConnection } from "node:net";
import { EventStoreDBClient, jsonEvent, START } from "@eventstore/db-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../support/waiting.ts";
import { ownEventStore } from "./ownStore.ts";
import { connect } from "./player/protocol.ts";
import { scaled } from "./soak.ts";

let store: Awaited<ReturnType<typeof ownEventStore>>;
let client: EventStoreDBClient;

beforeAll(async () => {
  store = await ownEventStore();
  client = EventStoreDBClient.connectionString(store.url);
});
afterAll(async () => {
  await client?.dispose();
  await store?.stop();
});

const MiB = 1024 * 1024;

async function append(stream: string, count: number, size: number): Promise<void> {
  const fill = "x".repeat(size);
  const atOnce = Math.min(50, Math.floor(800_000 / size));
  for (let n = 0; n < count; n += atOnce) {
    const events = Array.from({ length: Math.min(atOnce, count - n) }, (_, part) =>
      jsonEvent({ type: "Filled", data: { n: n + part, fill } }),
    );
    await client.appendToStream(stream, events);
  }
}

it.each([
  { size: 300, before: scaled(5_000, 50_000) },
  { size: 10_000, before: scaled(500, 5_000) },
  { size: 400_000, before: scaled(20, 100) },
])(
  "consumers that do not read events of $size bytes take at most 1 MiB each of the server's memory, and get everything when they do",
  async ({ size, before }) => {
    const consumers = scaled(20, 100);
    const stream = `slow-${size}`;
    await append(stream, before, size);
    const empty = await store.memory();
    // Each of these calls is read once and then no more: HTTP/2's window of 64 KiB fills, and then the server must wait. (A call
    // that was never read is no slow consumer: grpc-js buffers everything until the first read.) A connection each, as one
    // connection's calls share a window.
    const protocols = Array.from({ length: consumers }, () => connect(store.address));
    const request = {
      options: {
        stream: { identifier: { streamName: Buffer.from(stream) }, start: {} },
        subscription: {},
        noFilter: {},
        uuid: { string: {} },
      },
    };
    const calls = protocols.map((protocol) => protocol.read(request));
    for (const call of calls) {
      call.on("error", () => {});
      call.once("data", () => call.pause());
    }
    await append(stream, before, size);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const grown = (await store.memory()) - empty;
    console.log(
      `${consumers} consumers that do not read events of ${size} bytes: ${(grown / MiB).toFixed(1)} MiB more`,
    );
    // It includes the garbage of the appends.
    expect(grown).toBeLessThan(consumers * MiB + 60 * MiB);

    const [first] = calls;
    let events = 0;
    // The message that each call has read was the confirmation.
    first?.on("data", (message: { event?: unknown }) => {
      if (message.event) events++;
    });
    first?.resume();
    await until("the first consumer has all", () => events === 2 * before);
    for (const call of calls) call.cancel();
    for (const protocol of protocols) protocol.close();
  },
  120_000,
);

it("200 subscriptions at once get every event", async () => {
  const count = 200;
  const received = Array.from({ length: count }, () => [] as bigint[]);
  // A connection has at most 100 calls at a time; clients in a process share one unless their options differ.
  const clients = Array.from({ length: 4 }, (_, n) =>
    EventStoreDBClient.connectionString(`${store.url}&keepAliveInterval=${20_000 + n}`),
  );
  const subscriptions = received.map((list, n) => {
    const subscription = clients[n % clients.length]!.subscribeToStream("watched", { fromRevision: START });
    subscription.on("error", () => {});
    subscription.on("data", ({ event }) => event && list.push(event.revision));
    return subscription;
  });
  const events = scaled(40, 400);
  for (let n = 0; n < events; n++) await client.appendToStream("watched", jsonEvent({ type: "Seen", data: { n } }));
  const all = Array.from({ length: events }, (_, n) => BigInt(n));
  await until("all have all", () => received.every((list) => list.length >= events));
  for (const list of received) expect(list).toEqual(all);
  await Promise.all(subscriptions.map((subscription) => subscription.unsubscribe()));
  await Promise.all(clients.map((each) => each.dispose()));
}, 120_000);

/** A client that reads, subscribes, and disconnects during the subscription. */
async function subscribeAndLeave(): Promise<void> {
  const protocol = connect(store.address);
  expect("message" in (await protocol.unary("gossip", {}))).toBe(true);
  const call = protocol.read({ options: { all: { start: {} }, subscription: {}, noFilter: {}, uuid: { string: {} } } });
  call.on("error", () => {});
  await new Promise((resolve) => call.once("data", resolve));
  call.cancel();
  protocol.close();
}

/** A client that disconnects after sending only the HTTP/2 preface. */
async function breakOff(): Promise<void> {
  const { hostname, port } = new URL(store.url);
  const socket = createConnection(Number(port), hostname);
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  socket.resetAndDestroy();
}

it("connections that come and go leave nothing behind", async () => {
  const rounds = scaled(3, 20);
  const atOnce = 50;
  let before = 0;
  for (let round = 0; round < rounds; round++) {
    if (round === 1) before = await store.memory();
    await Promise.all(Array.from({ length: atOnce }, (_, n) => (n % 2 === 0 ? subscribeAndLeave() : breakOff())));
  }
  const grown = (await store.memory()) - before;
  console.log(`${rounds * atOnce} connections came and went: ${(grown / MiB).toFixed(1)} MiB more`);
  expect(grown).toBeLessThan(60 * MiB);
  expect((await client.appendToStream("after", jsonEvent({ type: "T", data: {} }))).success).toBe(true);
}, 120_000);
