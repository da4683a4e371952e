import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { connectEventStore } from "../../../src/event-store/connect.ts";
import type { EventStore } from "../../../src/event-store/types.ts";
import { openKeylessEvents } from "../../../src/projections/engine/parked/keylessEvents.ts";
import { heat } from "../../../src/projections/heat/heat.ts";
import { freshEventStore } from "../../support/eventStore.ts";
import { logger } from "../fixtures.ts";
import { append, shelve } from "./runningEngine.ts";

let log: Awaited<ReturnType<typeof freshEventStore>>;
let eventStore: EventStore;
/** Events of the log: a shelf's book, an erasure, and so on; an account's other events are no erasures. */
const positions: bigint[] = [];
beforeAll(async () => {
  log = await freshEventStore();
  eventStore = connectEventStore({ url: log.url, logger });
  for (const reader of ["ann", "bob", "cao"]) {
    positions.push(...(await shelve(eventStore, reader, "hongloumeng0")));
    positions.push((await erase(reader)).position);
    await append(eventStore, `account-${reader}2`, "no_stream", { type: "SomethingElse", data: {} });
  }
});
afterAll(async () => {
  await eventStore.close();
  await log.stop();
});

const erase = (reader: string) =>
  append(eventStore, `account-${reader}`, "no_stream", { type: "ReaderErased", data: {} });
const at = (index: number) => positions[index] ?? -1n;

let reads = 0;
let fails = false;
const counting = (): Pick<EventStore, "readAll" | "readLogEnd"> => ({
  readLogEnd: () => eventStore.readLogEnd(),
  readAll(options) {
    reads++;
    if (fails) throw new Error("the log is away");
    return eventStore.readAll(options);
  },
});
beforeEach(() => {
  reads = 0;
  fails = false;
});
const streamsOf = async (keyless: ReturnType<typeof openKeylessEvents>, after: bigint, upTo: bigint) =>
  (await keyless.between(after, upTo)).map(({ stream }) => stream);

test("erasures are found behind an event, up to another and with it, in order; what was read is not read again", async () => {
  const keyless = openKeylessEvents(counting(), heat);
  expect(await streamsOf(keyless, at(0), at(3))).toEqual(["account-ann", "account-bob"]);
  expect(await streamsOf(keyless, at(1), at(2))).toEqual([]);
  expect(await streamsOf(keyless, at(2), at(3))).toEqual(["account-bob"]);
  expect(reads).toBe(1);
  expect(await streamsOf(keyless, at(2), at(5))).toEqual(["account-bob", "account-cao"]);

  const { position } = await erase("dan");
  const before = reads;
  expect(await streamsOf(keyless, at(0), position)).toEqual(["ann", "bob", "cao", "dan"].map((id) => `account-${id}`));
  expect(reads).toBe(before + 1);
});

test("an earlier event than before, and questions at the same time, are answered whole", async () => {
  const keyless = openKeylessEvents(counting(), heat);
  const asked = [at(4), at(2), at(0), at(3)].map((after) => streamsOf(keyless, after, at(5)));
  expect(await Promise.all(asked)).toEqual([
    ["account-cao"],
    ["account-bob", "account-cao"],
    ["account-ann", "account-bob", "account-cao"],
    ["account-cao"],
  ]);
});

test("whoever asks first reads for all who ask for no lower position than was said", async () => {
  const keyless = openKeylessEvents(counting(), heat, { first: at(0) });
  expect(await streamsOf(keyless, at(4), at(5))).toEqual(["account-cao"]);
  expect(await streamsOf(keyless, at(0), at(5))).toEqual(["account-ann", "account-bob", "account-cao"]);
  expect(reads).toBe(1);
});

test("a read that fails is repeated by the next question", async () => {
  const keyless = openKeylessEvents(counting(), heat);
  fails = true;
  await expect(keyless.between(at(0), at(5))).rejects.toThrow("the log is away");
  fails = false;
  expect(await streamsOf(keyless, at(2), at(5))).toEqual(["account-bob", "account-cao"]);
});
