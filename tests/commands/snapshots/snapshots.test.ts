import { describe, expect, test } from "vitest";
import type { SnapshotStore, StoredSnapshot } from "../../../src/commands/snapshots/snapshotStore.ts";
import { versionOf } from "../../../src/commands/snapshots/snapshotText.ts";
import { shelfSnapshot } from "../../../src/domain/shelf/snapshot.ts";
import { StreamDeleted } from "../../../src/event-store/errors.ts";
import { add, dream, newContext, newProcess, send, shelf, west } from "../fixtures.ts";
import { inMemoryEventStore } from "../inMemoryEventStore.ts";
import { bookOfRevision, commandHashOf, commandIdOf, longLog, memoryStore, snapshotsIn } from "./world.ts";

/** A log of this many events, and a process that has answered a command and stored its snapshot. */
async function kept(events: number) {
  const eventStore = inMemoryEventStore();
  eventStore.log.push(...longLog(events));
  const rows = memoryStore();
  const first = snapshotsIn(rows);
  await send(newProcess(eventStore, { snapshots: first.snapshots }), add(dream));
  await first.snapshots.idle();
  eventStore.reads.length = 0;
  return { eventStore, rows, first };
}
/** The answer of a new process, with its own cache, to a command. */
async function fresh(eventStore: ReturnType<typeof inMemoryEventStore>, store: SnapshotStore, bookId = west) {
  const { snapshots, counted } = snapshotsIn(store);
  const result = await send(newProcess(eventStore, { snapshots }), add(bookId));
  await snapshots.idle();
  return { result, counted };
}

describe("a stream of 10,000 events", () => {
  test("is read by another process from its snapshot, whose event is read again", async () => {
    const { eventStore, rows } = await kept(9_999);
    expect(rows.rows.get(shelf)).toMatchObject({ revision: 9_998n, eventId: eventStore.log[9_998]?.id });
    const { result, counted } = await fresh(eventStore, rows);
    expect(result).toMatchObject({ revision: 10_000n, events: ["BookAddedToShelf"] });
    expect(counted).toEqual(["used"]);
    expect(eventStore.reads.map(({ fromRevision }) => fromRevision)).toEqual([0n, 9_998n]);
  });

  test("still knows command no. 9,800, and not that of another body", async () => {
    const { eventStore, rows } = await kept(9_999);
    const { snapshots } = snapshotsIn(rows);
    const process = newProcess(eventStore, { snapshots });
    const context = { ...newContext(), commandId: commandIdOf(9_800), requestHash: () => commandHashOf(9_800) };
    const before = eventStore.log.length;
    expect(await send(process, add(bookOfRevision(9_800)), context)).toMatchObject({
      revision: 9_800n,
      position: 980_000n,
      events: [eventStore.log[9_800]?.type],
    });
    expect(eventStore.log).toHaveLength(before);
    const other = { ...context, requestHash: () => commandHashOf(1) };
    await expect(send(process, add(dream), other)).rejects.toThrow("was used for another command");
  });
});

test("a short stream costs no lookup and leaves no snapshot", async () => {
  const { rows, first, eventStore } = await kept(150);
  expect([rows.rows.size, first.counted]).toEqual([0, []]);
  expect((await fresh(eventStore, rows)).counted).toEqual([]);
  expect(eventStore.reads).toHaveLength(1);
});

test("a snapshot is written once in 500 events", async () => {
  const { eventStore, rows } = await kept(600);
  const { snapshots, counted } = snapshotsIn(rows);
  const process = newProcess(eventStore, { snapshots });
  for (let round = 0; round < 11; round++) {
    // Another process writes 99 events, and this one the hundredth.
    const length = eventStore.log.length;
    eventStore.log.push(...longLog(length + 99).slice(length));
    await send(process, { type: "AddBookToShelf", bookId: String(1_000 + round).padStart(12, "0"), capacity: 100 });
    await snapshots.idle();
  }
  expect(counted).toEqual(["used", "saved", "saved"]);
  expect(rows.rows.get(shelf)?.revision).toBe(1_599n);
});

describe("a row that is not to be believed makes no difference to the answer:", () => {
  const changed: Record<string, (row: StoredSnapshot) => Partial<StoredSnapshot>> = {
    "another event's id": () => ({ eventId: commandIdOf(1) }),
    "a revision before": ({ revision }) => ({ revision: revision - 1n }),
    "a revision beyond the end": ({ revision }) => ({ revision: revision + 1_000n }),
    "half of the JSON": ({ body }) => ({ body: body.slice(0, body.length / 2) }),
    "no JSON": () => ({ body: "" }),
    "JSON of something else": () => ({ body: "[]" }),
    "another form of state": ({ body }) => ({ body: body.replace('"pinned"', '"pins"') }),
    "an order that is no list of books": ({ body }) => ({ body: body.replace(/"order":\[/, '"order":["x",') }),
    "positions that are no numbers": ({ body }) => ({ body: body.replace(/"position":"/, '"position":"-') }),
  };
  test.each(Object.entries(changed))("%s", async (_, change) => {
    const { eventStore, rows } = await kept(700);
    const row = rows.rows.get(shelf)!;
    rows.rows.set(shelf, { ...row, ...change(row) });
    expect(rows.rows.get(shelf)).not.toEqual(row);
    const { result, counted } = await fresh(eventStore, rows);
    expect(result.revision).toBe(701n);
    expect(counted.filter((event) => event !== "used")).toEqual([
      expect.stringMatching(/rejected|unreadable/),
      "saved",
    ]);
    // A valid snapshot can replace it.
    expect(rows.rows.get(shelf)).toMatchObject({ revision: 700n, eventId: eventStore.log[700]?.id });
  });

  test("another version of the state", async () => {
    const { eventStore, rows } = await kept(700);
    rows.rows.set(shelf, { ...rows.rows.get(shelf)!, version: "1.999" });
    const { result, counted } = await fresh(eventStore, rows);
    expect(result.revision).toBe(701n);
    expect(counted).toEqual(["missing", "saved"]);
    expect(rows.rows.get(shelf)?.version).toBe(versionOf(shelfSnapshot));
  });

  test("of a log that was replaced, by a shorter or another one", async () => {
    for (const log of [longLog(650), longLog(900, "another")]) {
      const { eventStore, rows } = await kept(700);
      eventStore.log.splice(0, Infinity, ...log);
      const { result } = await fresh(eventStore, rows);
      expect(result.revision).toBe(BigInt(log.length));
      expect(rows.rows.get(shelf)?.eventId).toBe(log.at(-1)?.id);
    }
  });

  test("none at all: all rows may go between any two commands", async () => {
    const { eventStore, rows } = await kept(700);
    const { snapshots } = snapshotsIn(rows);
    const process = newProcess(eventStore, { snapshots });
    for (const bookId of [west, dream, "sanguoyanyi0"]) {
      rows.rows.clear();
      await send(process, add(bookId));
    }
    expect((await fresh(eventStore, memoryStore(), "shuihuzhuan0")).result.revision).toBe(703n);
  });
});

test("a stream that is deleted takes its snapshot with it", async () => {
  const { eventStore, rows } = await kept(700);
  const { snapshots } = snapshotsIn(rows);
  const deleted = {
    append: eventStore.append,
    // biome-ignore lint/correctness/useYield: a deleted stream yields nothing.
    async *readStream(stream: string) {
      throw new StreamDeleted(stream);
    },
  };
  await expect(send(newProcess(deleted, { snapshots }), add(west))).rejects.toThrow(StreamDeleted);
  await snapshots.idle();
  expect(rows.rows.size).toBe(0);
});

describe("while the store of snapshots", () => {
  const never = new Promise<never>(() => {});
  const dead = () => Promise.reject(new Error("away"));
  test.each<[string, SnapshotStore]>([
    ["is away", { find: dead, put: dead, delete: dead }],
    ["answers nothing", { find: () => never, put: () => never, delete: () => never }],
  ])("%s, commands are answered from the stream", async (_, store) => {
    const eventStore = inMemoryEventStore();
    eventStore.log.push(...longLog(700));
    const { snapshots, counted } = snapshotsIn(store);
    expect(await send(newProcess(eventStore, { snapshots }), add(west))).toMatchObject({ revision: 700n });
    expect(counted).toContain("failed");
    // For a while nobody asks again.
    const lookups = counted.length;
    expect(await snapshots.load(shelf, shelfSnapshot)).toBeUndefined();
    expect(counted.slice(lookups)).toEqual([]);
  });
});
