import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { InvalidEvent } from "../../../src/event-store/codec.ts";
import type { DecodedEvent, RecordedEvent } from "../../../src/event-store/types.ts";
import type { Pool } from "../../../src/platform/postgres.ts";
import { applyPatiently, type PatientOutcome } from "../../../src/projections/engine/apply/applyPatiently.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { ReadModel } from "../../../src/projections/engine/core/declaration.ts";
import { openFailures } from "../../../src/projections/engine/ports/buildCatalog.ts";
import { createPostgresStore } from "../../../src/projections/stores/postgres/store.ts";
import { eventually } from "../../support/waiting.ts";
import {
  added,
  batchOf,
  codec,
  idAt,
  logger,
  point,
  quick,
  readersByPartition,
  recorded,
  tallyOf,
} from "../fixtures.ts";
import { freshStore, intercepted, type Store } from "../store.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

let builds = 0;
const newTally = (onEvent?: (event: DecodedEvent) => string | undefined) =>
  store.build(tallyOf(`patient${++builds}`, onEvent));
const never = new AbortController().signal;
const dependencies = (pool: Pool = store.pool) => {
  return { store: createPostgresStore(pool), catalog: store.catalog, codec, logger, timing: quick };
};
const failuresOf = async (build: Build) =>
  openFailures(await store.catalog.failures(build), await store.store.checkpoints(build));

/** Begins to apply a batch; `outcome()` is undefined while the worker is still trying. */
function begin(build: Build, batch: Parameters<typeof applyPatiently>[2], more = {}) {
  let outcome: PatientOutcome | undefined;
  const stop = new AbortController();
  const applying = applyPatiently({ ...dependencies(), ...more }, build, batch, stop.signal).then((value) => {
    outcome = value.outcome;
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
        store: createPostgresStore(counting),
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
    expect(await failuresOf(build)).toEqual([]);
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
    expect((await applyPatiently(dependencies(pool), build, batch, never)).outcome).toBe("done");
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

/** A fault of an event, and its recorded reason; `write` is what its handler does. */
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
  { name: "an index entry is too long (class 54)", write: () => incompressible, detail: /^index row size \d+ exceeds/ },
  { name: "its body does not parse", parses: false, detail: /^BookAddedToShelf at 3@shelf-a: its body/ },
];

/** Longer than the maximum of an index entry, and incompressible: Postgres compresses an entry before it checks its size. */
const incompressible = Array.from({ length: 400 }, (_, index) =>
  createHash("sha256").update(String(index)).digest("base64").slice(0, 10),
).join("");

describe.each(refusals)("an event that is refused because $name", ({ write, parses, detail }) => {
  const eight = (reader: (position: bigint) => string) =>
    [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n].map((position) => added(position, reader(position)));

  /** A batch of eight in which the event at `bad` is refused; each writes a separate row, unless `reader` says otherwise. */
  async function stumble(bad: bigint, reader: (position: bigint) => string = (position) => `r${position}`) {
    const build = await newTally((event) => (event.position === bad ? write?.() : undefined));
    await store.pool.query(`ALTER TABLE ${build.name}.tallies ADD CHECK (last_book <> 'forbidden')`);
    await store.pool.query(`CREATE INDEX ON ${build.name}.tallies (last_book)`);
    const strict: typeof codec = {
      ...codec,
      decode(event) {
        if (parses === false && event.position === bad)
          throw new InvalidEvent("BookAddedToShelf at 3@shelf-a: its body");
        return codec.decode(event);
      },
    };
    const batch = batchOf(build, 0, -1n, eight(reader));
    const applied = await applyPatiently({ ...dependencies(), codec: strict }, build, batch, never);
    return { build, applied };
  }
  const parkedOf = (build: Build, key: string) => store.store.inPartition(build, 0, (session) => session.parked(key));

  test.each([1n, 3n, 8n])(
    "is parked with its error, and all others are applied, each once: at %s of 8",
    async (bad) => {
      const { build, applied } = await stumble(bad);
      expect(applied).toEqual({ outcome: "applied", parkedKeys: new Set([`r${bad}`]) });
      const others = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n].filter((position) => position !== bad);
      expect(await store.tally(build)).toEqual(Object.fromEntries(others.map((position) => [`r${position}`, 1])));
      expect(await parkedOf(build, `r${bad}`)).toEqual([
        { key: `r${bad}`, event: added(bad, `r${bad}`), error: expect.stringMatching(detail) },
      ]);
      expect(await store.store.parked(build)).toMatchObject([
        {
          partition: 0,
          key: `r${bad}`,
          eventId: idAt(bad),
          position: bad,
          events: 1,
          error: expect.stringMatching(detail),
        },
      ]);
      expect(await store.store.checkpoints(build)).toMatchObject([{ ...point(8n), parkedKeys: 1 }]);
      expect(await failuresOf(build)).toEqual([]);
    },
  );

  test("takes the later events of its key with it, in order, those of later batches too; the earlier ones are folded", async () => {
    // The last of its key in the batch: a row that a later event overwrites in the same batch never reaches the store.
    const { build, applied } = await stumble(7n, (position) => (position % 2n === 1n ? "odd" : "even"));
    const parkedKeys = new Set(["odd"]);
    expect(applied).toEqual({ outcome: "applied", parkedKeys });
    expect(await store.tally(build)).toEqual({ odd: 3, even: 4 });
    const later = batchOf(build, 0, 8n, [added(9n, "odd"), added(10n, "even"), added(11n, "odd")]);
    expect(await applyPatiently(dependencies(), build, later, never)).toEqual({ outcome: "applied", parkedKeys });
    expect(await store.tally(build)).toEqual({ odd: 3, even: 5 });
    expect((await parkedOf(build, "odd")).map(({ event, error }) => [event.position, error])).toEqual([
      [7n, expect.stringMatching(detail)],
      [9n, null],
      [11n, null],
    ]);
    expect(await store.store.checkpoints(build)).toMatchObject([{ ...point(11n), parkedKeys: 1 }]);
  });

  test("is parked once, although the batch comes again", async () => {
    const { build } = await stumble(3n);
    const again = batchOf(
      build,
      0,
      -1n,
      eight((position) => `r${position}`),
    );
    expect((await applyPatiently(dependencies(), build, again, never)).outcome).toBe("done");
    expect(await store.store.parked(build)).toMatchObject([{ key: "r3", events: 1 }]);
    expect(Object.keys(await store.tally(build))).toHaveLength(7);
  });
});

test("events of a poison event's key that follow it in the same batch are parked behind it, not folded", async () => {
  const build = await newTally((event) => {
    if (event.position === 2n) throw new Error("cannot count");
    return undefined;
  });
  const events = [added(1n, "a"), added(2n, "a"), added(3n, "a"), added(4n, "b"), added(5n, "a")];
  const parkedKeys = new Set(["a"]);
  const applied = await applyPatiently(dependencies(), build, batchOf(build, 0, -1n, events), never);
  expect(applied).toEqual({ outcome: "applied", parkedKeys });
  expect(await store.tally(build)).toEqual({ a: 1, b: 1 });
  expect(await store.store.inPartition(build, 0, (session) => session.parked("a"))).toEqual([
    { key: "a", event: added(2n, "a"), error: "BookAddedToShelf at 2: cannot count" },
    { key: "a", event: added(3n, "a"), error: null },
    { key: "a", event: added(5n, "a"), error: null },
  ]);
  expect(await store.store.checkpoints(build)).toMatchObject([{ ...point(5n), parkedKeys: 1 }]);
});

test.each([
  ["the codec", codec, /no usable id$/],
  ["Postgres, with SQLSTATE 54000", { ...codec, decode: (event: RecordedEvent) => event as never }, /^index row size/],
])(
  "an event with a stream id of 4,000 characters, refused by %s, is parked and not tried for ever",
  async (_, reading, error) => {
    const build = await newTally();
    const batch = batchOf(build, 0, -1n, [added(1n, "a"), added(2n, incompressible), added(3n, "a")]);
    expect(incompressible).toHaveLength(4_000);
    expect(await applyPatiently({ ...dependencies(), codec: reading }, build, batch, never)).toEqual({
      outcome: "applied",
      parkedKeys: new Set([incompressible]),
    });
    expect(await store.tally(build)).toEqual({ a: 2 });
    expect(await store.store.parked(build)).toMatchObject([
      { key: incompressible, position: 2n, events: 1, error: expect.stringMatching(error) },
    ]);
    expect(await store.store.checkpoints(build)).toMatchObject([{ ...point(3n), parkedKeys: 1 }]);
  },
);

describe("a poison event without a partition key", () => {
  /** A read model of readers that also handles events of books, which belong to no reader. */
  const ofBooks = (name: string): ReadModel => {
    const tally = tallyOf(name);
    const handler = { keys: () => ({}), project: () => fail() };
    const fail = () => {
      throw new Error("cannot restore");
    };
    return { ...tally, categories: ["shelf", "book"], on: { ...tally.on, BookRestored: handler } };
  };
  const restored = (position: bigint, book: string) =>
    recorded(position, `book-${book}`, { type: "BookRestored", data: {} });

  test("is parked under its stream, in every partition it comes to, with the later ones of that stream alone", async () => {
    const build = await store.build(ofBooks(`patient${++builds}`), 2);
    const [a = "", b = ""] = readersByPartition(2);
    for (const [partition, reader] of [a, b].entries()) {
      const events = [restored(1n, "one"), added(2n + BigInt(partition), reader), restored(4n, "one")];
      expect(await applyPatiently(dependencies(), build, batchOf(build, partition, -1n, events), never)).toEqual({
        outcome: "applied",
        parkedKeys: new Set(["book-one"]),
      });
    }
    expect(await store.tally(build)).toEqual({ [a]: 1, [b]: 1 });
    expect(await store.store.parked(build)).toMatchObject(
      [0, 1].map((partition) => ({ partition, key: "book-one", position: 1n, events: 2 })),
    );
    await applyPatiently(dependencies(), build, batchOf(build, 0, 4n, [restored(5n, "two")]), never);
    expect((await store.store.parked(build)).map(({ partition, key }) => [partition, key])).toContainEqual([
      0,
      "book-two",
    ]);
    expect((await store.store.checkpoints(build)).map(({ parkedKeys }) => parkedKeys)).toEqual([2, 1]);
  });

  test("counts once towards the 100, in however many partitions it is parked, and may join the 100th in others", async () => {
    const partitions = 3;
    const build = await store.build(ofBooks(`patient${++builds}`), partitions);
    const feed = (partition: number, after: bigint, events: readonly RecordedEvent[]) =>
      begin(build, batchOf(build, partition, after, events));
    const poison = (position: bigint) => restored(position, `of${position}`);
    const first = Array.from({ length: 99 }, (_, index) => poison(BigInt(index)));
    for (let partition = 0; partition < partitions; partition++) await feed(partition, -1n, first).applying;
    for (const partition of [0, 1]) await feed(partition, 98n, [poison(99n)]).applying;
    expect((await store.store.checkpoints(build)).map(({ parkedKeys }) => parkedKeys)).toEqual([100, 100, 99]);
    expect(await failuresOf(build)).toEqual([]);
    const beyond = feed(2, 98n, [poison(100n)]);
    await eventually(async () => (await failuresOf(build)).length, partitions);
    beyond.stop();
    await beyond.applying;
    expect(beyond.outcome()).toBe("stopped");
  });
});

describe("beyond 100 parked keys", () => {
  test("the partition stops at the event and says so; once there is room the event is parked and the rest goes on", async () => {
    const build = await store.build(
      tallyOf(`patient${++builds}`, ({ stream }) => {
        if (stream.startsWith("shelf-bad")) throw new Error("cannot count");
        return undefined;
      }),
      2,
    );
    // The bound is the build's, not a partition's: half of them are in the other one.
    for (const partition of [0, 1]) {
      const bad = Array.from({ length: 50 }, (_, index) => added(BigInt(index), `bad${partition}-${index}`));
      expect((await applyPatiently(dependencies(), build, batchOf(build, partition, -1n, bad), never)).outcome).toBe(
        "applied",
      );
    }
    expect(await failuresOf(build)).toEqual([]);
    const { outcome, applying } = begin(
      build,
      batchOf(build, 0, 49n, [added(50n, "bad0-0"), added(51n, "good"), added(52n, "bad0-50"), added(53n, "good")]),
    );
    await eventually(async () => (await failuresOf(build)).length, 2);
    const detail = "100 keys are parked already; BookAddedToShelf at 52: cannot count";
    const failure = { kind: "too_many_parked", position: 52n, eventId: idAt(52n), detail, since: expect.any(Date) };
    // The whole build stops, with the event that exceeded the limit.
    expect(await failuresOf(build)).toEqual([
      { partition: 0, ...failure },
      { partition: 1, ...failure, isOfBuild: true },
    ]);
    expect(outcome()).toBeUndefined();
    // A parked key accepts further events, and earlier events are applied.
    expect(await store.store.checkpoints(build)).toMatchObject([
      { ...point(51n), parkedKeys: 50 },
      { ...point(49n), parkedKeys: 50 },
    ]);
    expect(await store.tally(build)).toEqual({ good: 1 });

    await store.store.inPartition(build, 1, (session) => session.unpark("bad1-7"));
    await applying;
    expect(outcome()).toBe("applied");
    expect(await store.tally(build)).toEqual({ good: 2 });
    expect(await store.store.checkpoints(build)).toMatchObject([
      { ...point(53n), parkedKeys: 51 },
      { ...point(49n), parkedKeys: 49 },
    ]);
    expect(await failuresOf(build)).toEqual([]);
  });
});

test("a poison event that cannot be parked while the store is at fault is tried again until it is", async () => {
  const build = await newTally((event) => {
    if (event.position === 1n) throw new Error("cannot count");
    return undefined;
  });
  const mend = await store.breakTable(build, "checkpoints");
  const { outcome, applying } = begin(build, batchOf(build, 0, -1n, [added(1n, "a"), added(2n, "b")]));
  await sleep(3 * quick.retryRefused);
  expect(outcome()).toBeUndefined();
  expect(await store.store.parked(build)).toEqual([]);
  await mend();
  await applying;
  expect(outcome()).toBe("applied");
  expect(await store.store.parked(build)).toMatchObject([{ key: "a", position: 1n, events: 1 }]);
  expect(await store.tally(build)).toEqual({ b: 1 });
});

describe("an event whose version this code does not know", () => {
  test("is left to others, with all behind it; what stands before it is applied", async () => {
    const build = await newTally();
    const events = [1n, 2n, 3n, 4n].map((position) => added(position, "a"));
    const newer = { ...added(3n, "a"), metadata: { ...added(3n, "a").metadata, schemaVersion: 2 } };
    const batch = batchOf(build, 0, -1n, events.with(2, newer));
    expect(await applyPatiently(dependencies(), build, batch, never)).toEqual({
      outcome: "unknown",
      parkedKeys: new Set(),
    });
    expect(await store.tally(build)).toEqual({ a: 2 });
    expect(await failuresOf(build)).toMatchObject([{ partition: 0, kind: "event_unknown", position: 3n }]);
  });

  test.each([
    ["", {}],
    [", and its metadata are null", { metadata: null as never }],
  ])("also when its type is unknown, although the read model would not need it%s", async (_, more) => {
    const build = await newTally();
    const event = recorded(3n, "shelf-a", { type: "BookLentToFriend", data: { bookId: "hongloumeng0" } });
    const unknown = { ...event, ...more };
    const batch = batchOf(build, 0, -1n, [added(1n, "a"), unknown]);
    expect(await applyPatiently(dependencies(), build, batch, never)).toEqual({
      outcome: "unknown",
      parkedKeys: new Set(),
    });
    expect(await store.positions(build)).toEqual([1n]);
  });
});
