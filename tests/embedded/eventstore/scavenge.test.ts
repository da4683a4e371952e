import { EventStoreDBClient, jsonEvent, START, StreamDeletedError, streamNameFilter } from "@eventstore/db-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

const inProgress = 1n;

/** Starts a scavenge and waits for its end: until then a second one is refused with the id of the first. */
async function scavenge(): Promise<void> {
  const protocol = connect(store.address);
  const request = { options: { threadCount: 1n, startFromChunk: 0n } };
  try {
    await until("the scavenge ends", async () => {
      const answer = await protocol.unary("startScavenge", request);
      if ("error" in answer) throw answer.error;
      return answer.message.result !== inProgress;
    });
    await until("the last one ends too", async () => {
      const answer = await protocol.unary("startScavenge", request);
      return "message" in answer && answer.message.result !== inProgress;
    });
  } finally {
    protocol.close();
  }
}

async function append(stream: string, ...texts: string[]): Promise<void> {
  await client.appendToStream(
    stream,
    texts.map((text) => jsonEvent({ type: "Said", data: { text } })),
  );
}

/** The events of a stream in $all, as `revision@position text`. */
async function inAll(stream: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { event } of client.readAll()) {
    if (event?.streamId !== stream) continue;
    const text = (event.data as { text?: string }).text ?? event.type;
    found.push(`${event.revision}@${event.position.commit} ${text}`);
  }
  return found;
}

async function textsOf(stream: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const { event } of client.readStream(stream)) {
    const { text } = (event?.data ?? {}) as { text?: string };
    texts.push(text ?? "");
  }
  return texts;
}

describe("after a scavenge", () => {
  it("no byte of a tombstoned stream or its metadata is in the folder, and its tombstone is still reported", async () => {
    await append("erased", "secret-one", "secret-two");
    await client.setStreamMetadata("erased", { owner: "secret-owner" } as never);
    await append("kept", "not a secret");
    const before = { erased: await inAll("erased"), kept: await inAll("kept") };
    const { position } = await client.tombstoneStream("erased");
    await append("kept", "after it");
    expect(await store.holds("secret-")).toBe(true);
    await scavenge();
    expect(await store.holds("secret-")).toBe(false);

    for (const restart of [false, true]) {
      if (restart) await store.restart();
      const tombstone = `9223372036854775807@${position?.commit} $streamDeleted`;
      expect(await inAll("erased")).toEqual([tombstone]);
      expect((await inAll("kept")).slice(0, 1)).toEqual(before.kept);
      await expect(textsOf("erased")).rejects.toBeInstanceOf(StreamDeletedError);
      await expect(append("erased", "again")).rejects.toBeInstanceOf(StreamDeletedError);
      expect(await textsOf("kept")).toEqual(["not a secret", "after it"]);
    }
  });

  it("of a soft-deleted stream the last event stays, and its revisions go on", async () => {
    await append("soft", "hidden-0", "hidden-1", "hidden-2");
    const before = await inAll("soft");
    await client.deleteStream("soft");
    await scavenge();
    expect(await inAll("soft")).toEqual(before.slice(2));
    expect(await store.holds("hidden-1")).toBe(false);
    await store.restart();
    await append("soft", "new");
    expect(await textsOf("soft")).toEqual(["new"]);
    expect((await inAll("soft")).map((line) => line.split("@")[0])).toEqual(["2", "3"]);
  });

  it("of a truncated stream, and of one with a maximal count, what reads hid is gone", async () => {
    await append("truncated", "cut-0", "cut-1", "cut-2");
    await client.setStreamMetadata("truncated", { truncateBefore: 2 });
    await append("counted", "old-0", "old-1", "old-2", "old-3");
    await client.setStreamMetadata("counted", { maxCount: 2 });
    const before = { truncated: await inAll("truncated"), counted: await inAll("counted") };
    await scavenge();
    expect(await inAll("truncated")).toEqual(before.truncated.slice(2));
    expect(await inAll("counted")).toEqual(before.counted.slice(2));
    await append("truncated", "cut-3");
    expect(await textsOf("truncated")).toEqual(["cut-2", "cut-3"]);
    expect(await textsOf("counted")).toEqual(["old-2", "old-3"]);
  });
});

it("a scavenge under load loses and repeats nothing for readers, subscribers and writers", async () => {
  const streams = 20;
  const each = scaled(40, 1000);
  const name = (n: number) => `load-${n}`;
  const seen = new Map<string, bigint[]>();
  const subscription = client.subscribeToAll({
    fromPosition: START,
    filter: streamNameFilter({ prefixes: ["load-"] }),
  });
  subscription.on("error", () => {});
  subscription.on("data", ({ event }) => {
    if (event?.type === "Said") seen.set(event.streamId, [...(seen.get(event.streamId) ?? []), event.revision]);
  });
  const write = async (n: number) => {
    for (let part = 0; part < each; part++) await append(name(n), `load-text-${n}-${part}-${"x".repeat(300)}`);
    // Every other stream is erased while the others continue.
    if (n % 2 === 0) await client.tombstoneStream(name(n));
  };
  const writing = Promise.all(Array.from({ length: streams }, (_, n) => write(n)));
  for (let round = 0; round < 3; round++) await scavenge();
  await writing;
  await until("the subscriber has all of the streams that stay", () =>
    Array.from({ length: streams / 2 }, (_, n) => name(2 * n + 1)).every((stream) => seen.get(stream)?.length === each),
  );
  await scavenge();
  for (let n = 0; n < streams; n++) {
    expect(await store.holds(`load-text-${n}-`)).toBe(n % 2 === 1);
    const revisions = seen.get(name(n)) ?? [];
    // A subscriber that is behind may miss events that were erased before it reached them, but gets nothing twice or out of order.
    expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => (a < b ? -1 : 1)));
    if (n % 2 === 1) expect(await textsOf(name(n))).toHaveLength(each);
  }
  await subscription.unsubscribe();
}, 120_000);
