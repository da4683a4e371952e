import { EventStoreDBClient, jsonEvent } from "@eventstore/db-client";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../support/waiting.ts";
import { ownEventStore } from "./ownStore.ts";
import type { Message } from "./player/protobuf.ts";
import { connect } from "./player/protocol.ts";

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

const unknown = "UNKNOWN Unexpected ReadAllResult: InvalidPosition";
const unknownFiltered = "UNKNOWN Unexpected FilteredReadAllResult: InvalidPosition";
const refused = "INVALID_ARGUMENT Trying to read from an invalid position.";
const everything = { filter: { stream: { prefix: [""] }, max: 32n, multiplier: 1n } };

/** How a read of two events from a position ends, and where its events stand. */
function read(at: bigint, how: Message = {}): Promise<{ end: string; positions: bigint[] }> {
  return ask({ all: { position: { commit: at, prepare: at } }, count: 2n, noFilter: {}, ...how });
}

/** How a subscription from a position ends; "live" when it does not. */
async function subscribe(at: bigint, how: Message = { noFilter: {} }): Promise<string> {
  return (await ask({ all: { position: { commit: at, prepare: at } }, subscription: {}, ...how })).end;
}

function ask(options: Message): Promise<{ end: string; positions: bigint[] }> {
  const protocol = connect(store.address);
  const call = protocol.read({ options: { direction: 0n, uuid: { string: {} }, ...options } });
  const positions: bigint[] = [];
  return new Promise<{ end: string; positions: bigint[] }>((resolve) => {
    call.on("data", ({ event, caughtUp }: Message) => {
      const recorded = (event as Message | undefined)?.event as Message | undefined;
      if (recorded) positions.push(recorded.commit as bigint);
      if (caughtUp) resolve({ end: "live", positions });
    });
    call.on("end", () => resolve({ end: "OK", positions }));
    call.on("error", (error: Error & { code: status; details: string }) =>
      resolve({ end: `${status[error.code]} ${error.details}`, positions }),
    );
  }).finally(() => {
    call.cancel();
    protocol.close();
  });
}

async function append(stream: string, count = 1): Promise<bigint> {
  const events = Array.from({ length: count }, () => jsonEvent({ type: "Said", data: { text: "x".repeat(100) } }));
  const { position } = await client.appendToStream(stream, events);
  return position?.commit ?? -1n;
}

it("$all is read from where an event begins, not from within one", async () => {
  const positions = [await append("a"), await append("b"), await append("a")];
  const [first, second, third] = positions as [bigint, bigint, bigint];
  for (const at of [first + 1n, second - 1n, second + 1n, third - 1n]) {
    expect(await read(at)).toEqual({ end: unknown, positions: [] });
    expect(await read(at, everything)).toEqual({ end: unknownFiltered, positions: [] });
    expect(await read(at, { direction: 1n })).toEqual({ end: unknown, positions: [] });
    expect(await subscribe(at)).toBe(refused);
    expect(await subscribe(at, everything)).toBe(refused);
  }
  expect(await read(second)).toEqual({ end: "OK", positions: [second, third] });
  expect(await read(third, { direction: 1n })).toEqual({ end: "OK", positions: [second, first] });
  expect(await subscribe(second)).toBe("live");
  // Beyond the last event nothing exists yet: the read waits.
  for (const at of [third + 1n, third + 1_000_000n]) {
    expect(await read(at)).toEqual({ end: "OK", positions: [] });
    expect(await subscribe(at)).toBe("live");
  }
  expect(await read(third + 1n, { direction: 1n })).toEqual({ end: unknown, positions: [] });
  expect(await read(0n)).toMatchObject({ end: "OK" });
});

it("the position of an append of nothing is one to read from, also after a restart", async () => {
  await append("before");
  const nothing = await append("empty", 0);
  const after = await append("after");
  expect(nothing).toBeLessThan(after);
  expect((await read(nothing)).positions[0]).toBe(after);
  await store.restart();
  expect((await read(nothing)).positions[0]).toBe(after);
  expect(await read(after - 1n === nothing ? after + 1n : nothing + 1n)).toMatchObject({ positions: [] });
  await append("later");
  expect(await read(after + 1n)).toEqual({ end: unknown, positions: [] });
});

it("where a scavenged event began stays valid, and the next event is read", async () => {
  const gone = await append("erased", 3);
  const kept = await append("kept");
  await client.tombstoneStream("erased");
  const protocol = connect(store.address);
  const scavenge = { options: { threadCount: 1n, startFromChunk: 0n } };
  await until("the events are gone", async () => {
    await protocol.unary("startScavenge", scavenge);
    return (await read(gone)).positions[0] === kept;
  });
  protocol.close();
  expect(await subscribe(gone)).toBe("live");
  await store.restart();
  expect((await read(gone)).positions[0]).toBe(kept);
});
