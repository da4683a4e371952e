import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { InvalidEvent } from "../../../src/event-store/codec.ts";
import type { DecodedEvent } from "../../../src/event-store/types.ts";
import type { Pool } from "../../../src/platform/postgres.ts";
import { applyPatiently, type PatientOutcome } from "../../../src/projections/engine/apply/applyPatiently.ts";
import type { Build } from "../../../src/projections/engine/build.ts";
import { openFailures } from "../../../src/projections/engine/failures.ts";
import { added, batchOf, codec, idAt, logger, quick, recorded, tallyOf } from "../fixtures.ts";
import { eventually, freshStore, intercepted, type Store } from "../store.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

let builds = 0;
const newTally = (onEvent?: (event: DecodedEvent) => string | undefined) =>
  store.build(tallyOf(`patient${++builds}`, onEvent));
const never = new AbortController().signal;
const dependencies = (pool: Pool = store.pool) => ({ pool, codec, logger, timing: quick });

/** Begins to apply a batch; `outcome()` is undefined as long as the worker is at it. */
function begin(build: Build, batch: Parameters<typeof applyPatiently>[2], more = {}) {
  let outcome: PatientOutcome | undefined;
  const stop = new AbortController();
  const applying = applyPatiently({ ...dependencies(), ...more }, build, batch, stop.signal).then((value) => {
    outcome = value;
  });
  return { outcome: () => outcome, applying, stop: () => stop.abort() };
}

describe("a fault of the store is tried again inside the job", () => {
  test("until Postgres is back", async () => {
    const build = await newTally();
    const name = new URL(store.url).pathname.slice(1);
    const server = new pg.Client({ connectionString: inject("postgresUrl") });
    await server.connect();
    try {
      await server.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
      await server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [name]);
      let refusals = 0;
      const counting = Object.assign(Object.create(store.pool) as Pool, {
        connect: () =>
          store.pool.connect().catch((error: unknown) => {
            refusals++;
            throw error;
          }),
      });
      const { outcome, applying } = begin(build, batchOf(build, 0, -1n, [added(1n, "a"), added(2n, "a")]), {
        pool: counting,
      });
      await eventually(() => refusals >= 5, true);
      expect(outcome()).toBeUndefined();
      await server.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
      await applying;
      expect(outcome()).toBe("applied");
    } finally {
      await server.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
      await server.end();
    }
    expect(await store.tally(build)).toEqual({ a: 2 });
    expect(await openFailures(store.pool, build)).toEqual([]);
  });

  test("and counts once, although a commit's answer was lost", async () => {
    const build = await newTally();
    let lost = 0;
    const pool = intercepted(store.pool, async (text, run) => {
      const result = await run();
      if (text === "COMMIT" && lost++ === 0) throw new Error("Connection terminated unexpectedly");
      return result;
    });
    const batch = batchOf(build, 0, -1n, [added(1n, "a"), added(2n, "a")]);
    expect(await applyPatiently(dependencies(pool), build, batch, never)).toBe("done");
    expect(await store.tally(build)).toEqual({ a: 2 });
  });

  test("until the worker is stopped: then the batch is somebody else's", async () => {
    const build = await newTally();
    await store.breakTable(build, "tallies");
    const { outcome, applying, stop } = begin(build, batchOf(build, 0, -1n, [added(1n, "a")]));
    stop();
    await applying;
    expect(outcome()).toBe("stopped");
    expect(await store.positions(build)).toEqual([-1n]);
  });
});

/** What is wrong with an event, and what readiness says of it; `write` is what its handler does. */
const refusals: readonly { name: string; write?: () => string; parses?: false; detail: RegExp }[] = [
  {
    name: "its handler throws",
    write: () => {
      throw new Error("cannot count");
    },
    detail: /^BookAddedToShelf at \d: cannot count$/,
  },
  { name: "a text holds a NUL (class 22)", write: () => "book\u0000", detail: /invalid byte sequence/ },
  { name: "a constraint is violated (class 23)", write: () => "forbidden", detail: /violates check constraint/ },
  { name: "its body does not parse", parses: false, detail: /^BookAddedToShelf at 3@shelf-a: its body/ },
];

describe.each(refusals)("an event that is refused because $name", ({ write, parses, detail }) => {
  /** A batch of eight, each of a row of its own, in which the event at `bad` is refused until it is mended. */
  async function stumble(bad: bigint) {
    let mended = false;
    const isBad = (position: bigint) => position === bad && !mended;
    const build = await newTally((event) => (isBad(event.position) ? write?.() : undefined));
    await store.pool.query(`ALTER TABLE ${build.schema}.tallies ADD CHECK (last_book <> 'forbidden')`);
    const strict: typeof codec = {
      ...codec,
      decode(event) {
        if (parses === false && isBad(event.position))
          throw new InvalidEvent("BookAddedToShelf at 3@shelf-a: its body");
        return codec.decode(event);
      },
    };
    const events = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n].map((position) => added(position, `r${position}`));
    const begun = begin(build, batchOf(build, 0, -1n, events), { codec: strict });
    const mend = () => {
      mended = true;
    };
    return { build, mend, ...begun };
  }

  test("stops its partition at itself: what stands before is applied, nothing behind, and readiness names it", async () => {
    const { build, outcome, applying, stop } = await stumble(3n);
    await eventually(async () => (await openFailures(store.pool, build)).length, 1);
    expect(await openFailures(store.pool, build)).toEqual([
      { partition: 0, kind: "event_refused", position: 3n, eventId: idAt(3n), detail: expect.stringMatching(detail) },
    ]);
    expect(await store.tally(build)).toEqual({ r1: 1, r2: 1 });
    expect(await store.positions(build)).toEqual([2n]);
    expect(outcome()).toBeUndefined();
    stop();
    await applying;
  });

  test("is tried again: once it is mended, it and what stands behind it are applied, each once", async () => {
    const { build, outcome, applying, mend } = await stumble(3n);
    await eventually(async () => (await openFailures(store.pool, build)).length, 1);
    mend();
    await applying;
    expect(outcome()).toBe("applied");
    const each = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => [`r${number}`, 1]);
    expect(await store.tally(build)).toEqual(Object.fromEntries(each));
    expect(await store.positions(build)).toEqual([8n]);
    expect(await openFailures(store.pool, build)).toEqual([]);
  });

  test.each([1n, 8n])("is found wherever it stands: at %s of 8", async (bad) => {
    const { build, applying, stop } = await stumble(bad);
    await eventually(async () => (await openFailures(store.pool, build)).map(({ position }) => position), [bad]);
    expect(await store.positions(build)).toEqual([bad === 1n ? -1n : bad - 1n]);
    stop();
    await applying;
  });
});

describe("an event whose version this code does not know", () => {
  test("is left to others, with all behind it; what stands before it is applied", async () => {
    const build = await newTally();
    const events = [1n, 2n, 3n, 4n].map((position) => added(position, "a"));
    const newer = { ...added(3n, "a"), metadata: { ...added(3n, "a").metadata, schemaVersion: 2 } };
    const batch = batchOf(build, 0, -1n, events.with(2, newer));
    expect(await applyPatiently(dependencies(), build, batch, never)).toBe("unknown");
    expect(await store.tally(build)).toEqual({ a: 2 });
    expect(await openFailures(store.pool, build)).toMatchObject([
      { partition: 0, kind: "event_unknown", position: 3n },
    ]);
  });

  test("also when its type is unknown, although the read model would not need it", async () => {
    const build = await newTally();
    const unknown = recorded(3n, "shelf-a", { type: "BookLentToFriend", data: { bookId: "hongloumeng0" } });
    const batch = batchOf(build, 0, -1n, [added(1n, "a"), unknown]);
    expect(await applyPatiently(dependencies(), build, batch, never)).toBe("unknown");
    expect(await store.positions(build)).toEqual([1n]);
  });
});
