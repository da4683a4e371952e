import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import {
  createSnapshotStore,
  deleteSnapshotsOfReader,
  type SnapshotStore,
  type StoredSnapshot,
} from "../../../src/commands/snapshots/snapshotStore.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import { migrate } from "../../../src/platform/migrate.ts";
import { createPool, type Pool } from "../../../src/platform/postgres.ts";
import { createDatabase, dropDatabase } from "../../support/database.ts";
import { add, dream, newProcess, reader, send, shelf, west } from "../fixtures.ts";
import { inMemoryEventStore } from "../inMemoryEventStore.ts";
import { longLog, snapshotsIn } from "./world.ts";

const name = `heima_snapshots_${randomUUID().slice(0, 8)}`;
const logger = createLogger("test", "silent");
let pool: Pool;
let store: SnapshotStore;
beforeAll(async () => {
  const url = await createDatabase(inject("postgresUrl"), name);
  await migrate(url, logger);
  pool = createPool({ url, max: 4, service: "test", logger });
  store = createSnapshotStore(pool);
});
afterAll(async () => {
  await pool.end();
  await dropDatabase(inject("postgresUrl"), name);
});
beforeEach(() => pool.query("DELETE FROM stream_snapshots"));

const at = (revision: bigint, more: Partial<StoredSnapshot> = {}): StoredSnapshot => ({
  stream: shelf,
  version: "1.1",
  revision,
  eventId: `event ${revision}`,
  body: `{"of":"${revision}"}`,
  ...more,
});
const found = async () => (await store.find(shelf, "1.1"))?.revision;

describe("a snapshot in Postgres", () => {
  test("is found as it was put, by its own version alone", async () => {
    await store.put(at(2n ** 62n, { body: '"\\u0000 字 \\ud800"' }));
    const { stream: _1, version: _2, ...row } = at(2n ** 62n, { body: '"\\u0000 字 \\ud800"' });
    expect(await store.find(shelf, "1.1")).toEqual(row);
    expect(await store.find(shelf, "1.2")).toBeUndefined();
    expect(await store.find("shelf-other", "1.1")).toBeUndefined();
  });

  test("never gives way to an older one, whoever writes", async () => {
    expect(await store.put(at(500n))).toBe(true);
    expect(await store.put(at(499n))).toBe(false);
    expect(await store.put(at(500n, { eventId: "another" }))).toBe(false);
    expect(await found()).toBe(500n);
    const revisions = Array.from({ length: 40 }, (_, index) => BigInt(501 + ((index * 17) % 40)));
    await Promise.all(revisions.map((revision) => store.put(at(revision))));
    expect(await store.find(shelf, "1.1")).toMatchObject({ revision: 540n, eventId: "event 540" });
  });

  test("of another version is overwritten, even by an older revision", async () => {
    await store.put(at(900n, { version: "1.2" }));
    expect(await store.put(at(500n))).toBe(true);
    expect(await found()).toBe(500n);
  });

  test("is deleted by its stream, or only as the one that was looked at", async () => {
    await store.put(at(500n));
    await store.delete(shelf, { revision: 499n, eventId: "event 500" });
    await store.delete(shelf, { revision: 500n, eventId: "event 499" });
    expect(await found()).toBe(500n);
    await store.delete(shelf, { revision: 500n, eventId: "event 500" });
    expect(await found()).toBeUndefined();
    await store.put(at(500n));
    await store.delete(shelf);
    expect(await found()).toBeUndefined();
  });

  test("of a reader is deleted with all others of that reader", async () => {
    for (const stream of [shelf, `account-${reader}`, `book-${reader}`, "shelf-another"])
      await store.put(at(1n, { stream }));
    expect(await deleteSnapshotsOfReader(pool, reader)).toBe(2);
    const { rows } = await pool.query("SELECT stream FROM stream_snapshots ORDER BY stream");
    expect(rows.map(({ stream }) => stream)).toEqual([`book-${reader}`, "shelf-another"]);
    expect(await deleteSnapshotsOfReader(pool, reader)).toBe(0);
  });
});

test("two processes that write a stream at once leave the newer snapshot, from which a third continues", async () => {
  const eventStore = inMemoryEventStore();
  eventStore.log.push(...longLog(800));
  const one = snapshotsIn(store);
  const other = snapshotsIn(store);
  await Promise.all([
    send(newProcess(eventStore, { snapshots: one.snapshots }), add(dream)),
    send(newProcess(eventStore, { snapshots: other.snapshots }), add(west)),
  ]);
  await Promise.all([one.snapshots.idle(), other.snapshots.idle()]);
  expect([...one.counted, ...other.counted]).toContain("saved");
  const third = snapshotsIn(store);
  expect(await send(newProcess(eventStore, { snapshots: third.snapshots }), add("sanguoyanyi0"))).toMatchObject({
    revision: 802n,
  });
  expect(third.counted).toEqual(["used"]);
});
