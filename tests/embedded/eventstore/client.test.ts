import { randomUUID } from "node:crypto";
import {
  type AllStreamRecordedEvent,
  BACKWARDS,
  END,
  EventStoreDBClient,
  eventTypeFilter,
  FORWARDS,
  jsonEvent,
  START,
  StreamNotFoundError,
  streamNameFilter,
  WrongExpectedVersionError,
} from "@eventstore/db-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshEventStore } from "../../support/eventStore.ts";

let store: Awaited<ReturnType<typeof freshEventStore>>;
let client: EventStoreDBClient;

beforeAll(async () => {
  store = await freshEventStore();
  client = EventStoreDBClient.connectionString(store.url);
});

afterAll(async () => {
  await client?.dispose();
  await store?.stop();
});

const event = (type: string, data: Record<string, number | string> = {}) => jsonEvent({ id: randomUUID(), type, data });
const events = (...types: string[]) => types.map((type) => event(type));
const newStream = (category = "stream") => `${category}-${randomUUID()}`;

async function typesOf(
  stream: string,
  options: Parameters<EventStoreDBClient["readStream"]>[1] = {},
): Promise<string[]> {
  const types: string[] = [];
  for await (const { event: read } of client.readStream(stream, options)) types.push(read?.type ?? "?");
  return types;
}

describe("appends", () => {
  it("give back what was written, with revisions, positions and the time", async () => {
    const stream = newStream("书架");
    const written = jsonEvent({ type: "BookAdded", data: { title: "红楼梦" }, metadata: { commandId: "c" } });
    const result = await client.appendToStream(stream, [event("First"), written], { expectedRevision: "no_stream" });
    expect(result.nextExpectedRevision).toBe(1n);
    const read = [];
    for await (const resolved of client.readStream(stream)) read.push(resolved.event);
    expect(read[1]).toMatchObject({
      streamId: stream,
      id: written.id,
      type: "BookAdded",
      isJson: true,
      revision: 1n,
      data: { title: "红楼梦" },
      metadata: { commandId: "c" },
      position: result.position,
    });
    expect(Math.abs(Date.now() - (read[1]?.created.getTime() ?? 0))).toBeLessThan(10_000);
    expect((read[0]?.position?.commit ?? 0n) < (read[1]?.position?.commit ?? 0n)).toBe(true);
  });

  it("with a wrong revision are refused completely, and the error names the current one", async () => {
    const stream = newStream();
    await client.appendToStream(stream, events("A", "B"), { expectedRevision: "no_stream" });
    const error = await client.appendToStream(stream, events("C"), { expectedRevision: 0n }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect((error as WrongExpectedVersionError).actualVersion).toBe(1n);
    expect(await typesOf(stream)).toEqual(["A", "B"]);
  });

  it("that repeat an earlier one are answered as that was", async () => {
    const stream = newStream();
    await client.appendToStream(stream, events("A"), { expectedRevision: "no_stream" });
    const repeated = events("B", "C");
    const first = await client.appendToStream(stream, repeated, { expectedRevision: 0n });
    await client.appendToStream(stream, events("D"), { expectedRevision: 2n });
    expect(await client.appendToStream(stream, repeated, { expectedRevision: 0n })).toEqual(first);
    expect(await typesOf(stream)).toEqual(["A", "B", "C", "D"]);
  });

  it("race for a revision: exactly one of them wins", async () => {
    const stream = newStream();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        client.appendToStream(stream, events(`E${n}`), { expectedRevision: "no_stream" }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await typesOf(stream)).toHaveLength(1);
  });

  it("larger than the limit are refused", async () => {
    const large = event("Large", { text: "x".repeat(1_048_577) });
    await expect(client.appendToStream(newStream(), large)).rejects.toMatchObject({
      type: "maximum-append-size-exceeded",
    });
  });
});

describe("reads of a stream", () => {
  it("go forwards and backwards from any revision", async () => {
    const stream = newStream();
    await client.appendToStream(stream, events("A", "B", "C", "D"));
    expect(await typesOf(stream, { fromRevision: 2n })).toEqual(["C", "D"]);
    expect(await typesOf(stream, { fromRevision: 1n, maxCount: 2 })).toEqual(["B", "C"]);
    expect(await typesOf(stream, { direction: BACKWARDS, fromRevision: END, maxCount: 2 })).toEqual(["D", "C"]);
    expect(await typesOf(stream, { direction: BACKWARDS, fromRevision: 1n })).toEqual(["B", "A"]);
    expect(await typesOf(stream, { fromRevision: 4n })).toEqual([]);
  });

  it("longer than a page lose and repeat nothing", async () => {
    const stream = newStream();
    const types = Array.from({ length: 700 }, (_, n) => `E${n}`);
    await client.appendToStream(stream, events(...types));
    expect(await typesOf(stream)).toEqual(types);
    expect(await typesOf(stream, { direction: BACKWARDS, fromRevision: END })).toEqual(types.toReversed());
  });

  it("of a missing stream report that", async () => {
    await expect(typesOf(newStream())).rejects.toBeInstanceOf(StreamNotFoundError);
  });

  it("obey the stream's metadata", async () => {
    const stream = newStream();
    await client.appendToStream(stream, events("A", "B", "C", "D"));
    await client.setStreamMetadata(stream, { maxCount: 3 });
    expect(await typesOf(stream)).toEqual(["B", "C", "D"]);
    await client.setStreamMetadata(stream, { truncateBefore: 3 });
    expect(await typesOf(stream)).toEqual(["D"]);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ truncateBefore: 3 });
  });
});

describe("reads of $all", () => {
  const allTypes = async (options: Parameters<EventStoreDBClient["readAll"]>[0]) => {
    const types: string[] = [];
    for await (const { event: read } of client.readAll(options)) if (read) types.push(read.type);
    return types;
  };

  it("include the position forwards and exclude it backwards", async () => {
    const stream = newStream();
    const { position } = await client.appendToStream(stream, events("P1", "P2"));
    await client.appendToStream(newStream(), events("P3"));
    if (!position) throw new Error("the append gave no position");
    expect((await allTypes({ direction: FORWARDS, fromPosition: position })).slice(0, 2)).toEqual(["P2", "P3"]);
    expect(await allTypes({ direction: BACKWARDS, fromPosition: position, maxCount: 1 })).toEqual(["P1"]);
    expect(await allTypes({ direction: BACKWARDS, fromPosition: END, maxCount: 2 })).toEqual(["P3", "P2"]);
  });
});

describe("subscriptions", () => {
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

  it("to a stream that does not exist yet catch up at once and then get its events", async () => {
    const stream = newStream();
    const subscription = client.subscribeToStream(stream, { fromRevision: START });
    const caughtUp = new Promise((resolve) => subscription.once("caughtUp", resolve));
    const taken = take(subscription, 2);
    await caughtUp;
    await client.appendToStream(stream, events("A", "B"));
    expect(await taken).toEqual(["A", "B"]);
  });

  it("to a stream begin after the revision", async () => {
    const stream = newStream();
    await client.appendToStream(stream, events("A", "B", "C"));
    expect(await take(client.subscribeToStream(stream, { fromRevision: 0n }), 2)).toEqual(["B", "C"]);
  });

  it("to $all begin after the position and pass on only what the filter names", async () => {
    const type = `Only${randomUUID().slice(0, 8)}`;
    const { position } = await client.appendToStream(newStream(), events(`${type}0`));
    if (!position) throw new Error("the append gave no position");
    const filter = eventTypeFilter({ regex: `^${type}` });
    const taken = take(client.subscribeToAll({ fromPosition: position, filter }), 3);
    await client.appendToStream(newStream(), events(`${type}1`, "Noise", `${type}2`));
    await client.appendToStream(newStream(), events(`${type}3`));
    expect(await taken).toEqual([`${type}1`, `${type}2`, `${type}3`]);
  });

  it("resumed from any of their checkpoints miss and repeat nothing", async () => {
    const category = `want${randomUUID().slice(0, 8)}`;
    const { position } = await client.appendToStream(newStream(), events("Before"));
    if (!position) throw new Error("the append gave no position");
    for (let n = 0; n < 60; n++)
      await client.appendToStream(newStream(n % 7 === 0 ? category : "other"), events(`E${n}`));
    const seen: AllStreamRecordedEvent["position"][] = [];
    const checkpoints: { at: AllStreamRecordedEvent["position"]; seen: number }[] = [];
    const filter = streamNameFilter({
      prefixes: [category],
      maxSearchWindow: 2,
      checkpointInterval: 2,
      checkpointReached: (_subscription, at) => {
        checkpoints.push({ at, seen: seen.length });
      },
    });
    const subscription = client.subscribeToAll({ fromPosition: position, filter });
    const caughtUp = new Promise((resolve) => subscription.once("caughtUp", resolve));
    subscription.on("data", ({ event: received }) => received && seen.push(received.position));
    await caughtUp;
    await subscription.unsubscribe();
    expect(seen).toHaveLength(9);
    // One for every window × interval of the 60 events considered.
    expect(checkpoints.length).toBeGreaterThanOrEqual(15);
    for (let n = 1; n < checkpoints.length; n++) {
      expect((checkpoints[n - 1]?.at.commit ?? 0n) < (checkpoints[n]?.at.commit ?? 0n)).toBe(true);
    }
    for (const checkpoint of checkpoints) {
      const rest = seen.filter(({ commit }) => commit > checkpoint.at.commit);
      expect(rest).toEqual(seen.slice(checkpoint.seen));
    }
  });
});
