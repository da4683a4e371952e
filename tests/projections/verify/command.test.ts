import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { doctor } from "../../../src/doctor/doctor.ts";
import type { HeimaEvent } from "../../../src/domain/events.ts";
import { connectEventStore } from "../../../src/event-store/connect.ts";
import type { EventStore } from "../../../src/event-store/types.ts";
import { fillBuild } from "../../../src/projections/engine/builds/fill/fillBuild.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { shelf } from "../../../src/projections/shelf/shelf.ts";
import { freshEventStore } from "../../support/eventStore.ts";
import { codec, logger, quick } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";

// The command as an operator runs it, on a build in Postgres that was filled from the log of a running event store.

const project = fileURLToPath(new URL("../../../", import.meta.url));
/** The same in each run: seeds choose by them, and the samples here must not choose the first, which is modified below. */
const readers = Array.from({ length: 21 }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`);
const [reader, other] = readers as [string, string];
const [dream, west] = ["hongloumeng0", "xiyouji00000"] as const;

let store: Store;
let server: Awaited<ReturnType<typeof freshEventStore>>;
let eventStore: EventStore;
let build: Build;
beforeAll(async () => {
  [store, server] = await Promise.all([freshStore(), freshEventStore()]);
  eventStore = connectEventStore({ url: server.url, logger });
  for (const readerId of readers) {
    await append(
      `shelf-${readerId}`,
      -1,
      [dream, west].map((bookId) => ({ type: "BookAddedToShelf", data: { bookId } })),
    );
  }
  build = await store.add(shelf, 4);
  await fillBuild({ ...store, eventStore, codec, logger, timing: quick }, build, AbortSignal.timeout(20_000));
  await store.store.takeOver(build, undefined, async () => true);
});
afterAll(async () => {
  await eventStore.close();
  await Promise.all([store.close(), server.stop()]);
});

async function append(stream: string, last: number, events: readonly HeimaEvent[]) {
  const ids = { commandId: randomUUID(), commandHash: "0".repeat(64), correlationId: randomUUID(), causationId: "c" };
  const encoded = events.map((event) =>
    codec.encode(event, randomUUID(), { ...ids, occurredAt: new Date().toISOString() }),
  );
  await eventStore.append(stream, last < 0 ? "no_stream" : BigInt(last), encoded);
}

function verify(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, DATABASE_URL: store.url, EVENTSTORE_URL: server.url };
  const command = ["bin/heima.js", "projections", "verify", "shelf", ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: project, env, timeout: 30_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const lastRuns = async () =>
  (await store.catalog.lastVerifications([shelf])).map(({ readModel, build: name, scope, keys, differences }) => [
    readModel,
    name,
    scope,
    keys,
    differences,
  ]);

// Nine processes, each of which loads all of src again.
test("a sound build, then a broken one: printed, written down for the metrics, and told by the doctor", {
  timeout: 180_000,
}, async () => {
  const sound = await verify();
  expect(sound.stderr).toBe("");
  expect(sound.stdout).toMatch(/42 rows.*: no differences/);
  expect(sound.code).toBe(0);
  expect((await verify("--reader", reader)).stdout).toContain("1 keys, 2 rows, 2 events");
  expect((await verify("--sample", "7", "--seed", "a")).stdout).toContain("7 keys (seed a), 14 rows, 14 events");

  await store.pool.query(`UPDATE ${build.name}.shelf_books SET pinned = true WHERE reader_id = $1 AND book_id = $2`, [
    reader,
    west,
  ]);
  const broken = await verify("--json", "--reader", reader);
  expect(broken.code).toBe(1);
  const columns = [{ column: "pinned", expected: false, found: true }];
  expect(JSON.parse(broken.stdout)).toMatchObject({
    differences: 1,
    found: [{ kind: "different", table: "shelf_books", key: [reader, west], columns }],
  });
  const told = expect.arrayContaining([
    ["shelf", build.name, "all", 21, 0],
    ["shelf", build.name, "keys", 1, 1],
    ["shelf", build.name, "sample", 7, 0],
  ]);
  expect(await lastRuns()).toEqual(told);

  const checks = await doctor({ timeoutMs: 4_000, write: false }, { DATABASE_URL: store.url }, [shelf]);
  expect(checks.find(({ name }) => name === "read models")).toMatchObject({
    status: "warning",
    message: expect.stringMatching(`^${build.name} differed from the log in 1 places on 2`),
    hint: expect.stringContaining("heima projections verify shelf"),
  });
});

test("a difference stands until a run that covers it finds none: not by a run over another key, a sample, or a missing key", {
  timeout: 180_000,
}, async () => {
  const stranger = randomUUID();
  const missing = await verify("--reader", stranger);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain(`neither the log nor ${build.name} has anything of ${stranger}`);
  const told = async () => (await lastRuns()).map(([, , scope, , differences]) => [scope, differences]).sort();
  expect((await verify("--reader", other)).code).toBe(0);
  await verify("--sample", "1", "--seed", "a");
  expect(await told()).toEqual([
    ["all", 0],
    ["keys", 1],
    ["sample", 0],
  ]);

  // Longer than runs are kept, and found by a sample as well.
  expect((await verify("--sample", "1000", "--seed", "a")).code).toBe(1);
  await store.pool.query("UPDATE projections.verifications SET at = now() - interval '91 days' WHERE differences > 0");
  expect((await verify("--sample", "1", "--seed", "a")).code).toBe(0);
  expect(await told()).toEqual([
    ["all", 0],
    ["keys", 1],
    ["sample", 1],
  ]);

  await store.pool.query(`UPDATE ${build.name}.shelf_books SET pinned = false`);
  expect((await verify("--reader", reader)).code).toBe(0);
  expect(await told()).toEqual([
    ["all", 0],
    ["keys", 0],
    ["sample", 1],
  ]);
  expect((await verify()).code).toBe(0);
  expect(await told()).toEqual([
    ["all", 0],
    ["keys", 0],
    ["sample", 0],
  ]);
});

test("what was found of a build that is retired counts no more", async () => {
  expect(await lastRuns()).toHaveLength(3);
  const next = await store.add(shelf, 4);
  await fillBuild({ ...store, eventStore, codec, logger, timing: quick }, next, AbortSignal.timeout(20_000));
  await store.store.takeOver(next, build, async () => true);
  expect(await lastRuns()).toEqual([]);
});
