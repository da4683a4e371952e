import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Pool } from "../../src/platform/postgres.ts";
import { randomlyAfter } from "../../src/projections/catalog/builds.ts";
import { createCatalog } from "../../src/projections/catalog/catalog.ts";
import { requestRebuild } from "../../src/projections/engine/builds/requestRebuild.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import type { ReadModel } from "../../src/projections/engine/core/declaration.ts";
import type { BuildCatalog } from "../../src/projections/engine/ports/buildCatalog.ts";
import { createCheckpointReader } from "../../src/projections/stores/postgres/checkpoints.ts";
import { added, idAt, oneMore, point, tallyOf } from "./fixtures.ts";
import { freshStore, intercepted, type Store } from "./store.ts";

let store: Store;
let catalog: BuildCatalog;
beforeAll(async () => {
  store = await freshStore();
  catalog = store.catalog;
});
afterAll(() => store.close());

let models = 0;
const newModel = () => tallyOf(`catalogued${++models}`);
async function add(readModel: ReadModel, partitions = 2): Promise<Build> {
  const build = await catalog.add(readModel, partitions);
  if (build === undefined) throw new Error("no build was added");
  return build;
}
const recordOf = async ({ name }: Build) => (await catalog.list()).find((record) => record.name === name);
const takeOver = async (next: Build, previous?: Build) => {
  await store.store.open(next);
  return store.store.takeOver(next, previous, async () => true);
};

describe("the number of a build", () => {
  test("is higher than those before, and another in each database: they may share Redis and Elasticsearch", async () => {
    const readModel = newModel();
    const other = await freshStore();
    const numbersIn = async ({ pool }: Store) => {
      const { add: addTo } = createCatalog(pool);
      const builds = [await addTo(readModel, 1), await addTo(readModel, 1), await addTo(readModel, 1)];
      return builds.map((build) => build?.number ?? 0);
    };
    const [here, there] = [await numbersIn(store), await numbersIn(other)];
    await other.close();
    for (const numbers of [here, there]) {
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      expect(new Set(numbers).size).toBe(3);
      expect(numbers[2]).toBeLessThanOrEqual(300_000);
    }
    expect(here).not.toEqual(there);
    // The first three of a database without gaps.
    expect(here).not.toEqual([1, 2, 3]);
  });
});

describe("builds that are replaced in a row", () => {
  const replace = async (build: Build): Promise<Build> => {
    const replaced = await catalog.replace(build, "broken");
    if (replaced?.added === undefined) throw new Error("no build was added");
    return replaced.added;
  };
  /** Seconds from the creation to the beginning of the fill. */
  const waitOf = async (build: Build) => {
    const { waits, createdAt } = (await recordOf(build)) ?? {};
    return waits && createdAt && [waits.replacements, (waits.until.getTime() - createdAt.getTime()) / 1_000];
  };
  const age = (build: Build, minutes: number) =>
    store.pool.query(
      "UPDATE projections.builds SET created_at = created_at - make_interval(mins => $2) WHERE read_model = $1 AND number = $3",
      [build.readModel.name, minutes, build.number],
    );

  test("the first begins at once, the others later and later, at last after an hour; the first of another row at once", async () => {
    let build = await add(newModel());
    const waits: unknown[] = [];
    for (let times = 0; times < 12; times++) {
      build = await replace(build);
      waits.push(await waitOf(build));
    }
    expect(waits).toEqual([
      undefined,
      ...[10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600].map((seconds, index) => [index + 2, seconds]),
    ]);
    // An hour's wait, and 59 minutes: the row stays in use.
    await age(build, 119);
    build = await replace(build);
    expect(await waitOf(build)).toEqual([13, 3_600]);
    await age(build, 121);
    build = await replace(build);
    expect(await waitOf(build)).toBeUndefined();
    // Also of a live build that lost its index, again and again.
    await takeOver(build);
    build = await replace(build);
    expect(await waitOf(build)).toEqual([2, 10]);
  });

  test("begin at once when an operator asks for a rebuild, which does not add another", async () => {
    let build = await add(newModel());
    for (let times = 0; times < 3; times++) build = await replace(build);
    expect(await waitOf(build)).toEqual([3, 20]);
    const { name, readModel } = build;
    expect(await requestRebuild(catalog, readModel, undefined)).toMatchObject({ build: { name }, did: "resumed" });
    expect(await waitOf(build)).toBeUndefined();
    expect(await requestRebuild(catalog, readModel, undefined)).toMatchObject({
      build: { name },
      did: "already_building",
    });
  });

  test("have numbers that an int4 can hold", async () => {
    const build = await add(newModel());
    const near = 2 ** 31 - 1 - 5_000;
    await store.pool.query("UPDATE projections.builds SET number = $2 WHERE read_model = $1", [
      build.readModel.name,
      near,
    ]);
    expect(await createCatalog(store.pool).add(build.readModel, 1)).toMatchObject({ number: near + 1 });
    for (const highest of [0, 2 ** 30, 2 ** 31 - 200_000]) expect(randomlyAfter(highest)).toBeGreaterThan(highest);
  });
});

describe("a build", () => {
  test("is building at first, with nothing filled", async () => {
    const readModel = newModel();
    const build = await add(readModel, 3);
    expect(build).toEqual({ readModel, number: 1, partitions: 3, name: `${readModel.name}_v1_b1` });
    expect(await recordOf(build)).toEqual({
      name: build.name,
      readModel: readModel.name,
      version: 1,
      number: 1,
      partitions: 3,
      state: "building",
      filled: false,
      paused: false,
      fillProgress: null,
      reason: null,
      dropped: false,
      createdAt: expect.any(Date),
    });
    expect(await catalog.buildsOf(readModel)).toEqual([{ ...(await recordOf(build)), build }]);
  });

  test("becomes live, and retired when another takes over, which its reason names", async () => {
    const readModel = newModel();
    const [one, two] = [await add(readModel), await add(readModel)];
    await takeOver(one);
    expect(await recordOf(one)).toMatchObject({ state: "live", filled: true, reason: null });
    await takeOver(two, one);
    expect(await recordOf(one)).toMatchObject({ state: "retired", reason: `${two.name} took its place` });
    expect((await catalog.buildsOf(readModel)).map(({ name, state }) => [name, state])).toEqual([[two.name, "live"]]);
  });

  test.each(["retired", "failed"] as const)(
    "that is building may end as %s, with a reason, and does not come back",
    async (end) => {
      const readModel = newModel();
      const build = await add(readModel);
      await store.store.open(build);
      await catalog.end(build, end, "no longer wanted");
      expect(await recordOf(build)).toMatchObject({ state: end, reason: "no longer wanted" });
      expect(await catalog.buildsOf(readModel)).toEqual([]);
      await catalog.end(build, end === "failed" ? "retired" : "failed", "another reason");
      expect(await takeOver(build)).toBe(false);
      expect(await recordOf(build)).toMatchObject({ state: end, reason: "no longer wanted" });
      await store.store.drop(build);
      await expect(store.store.open(build)).rejects.toThrow(`${build.name} has ended`);
    },
  );

  test("is replaced in one step: if the new one cannot be added, the old one has not ended", async () => {
    let fails = true;
    const pool = intercepted(store.pool, (text, run) => {
      if (fails && text.includes("INSERT INTO projections.builds")) return Promise.reject(new Error("away"));
      return run();
    });
    const flaky = createCatalog(pool, oneMore);
    const build = await add(newModel());
    await expect(flaky.replace(build, "broken", { onlyIf: "building" })).rejects.toThrow("away");
    expect(await recordOf(build)).toMatchObject({ state: "building", reason: null });
    fails = false;
    const next = { number: build.number + 1, partitions: build.partitions };
    expect(await flaky.replace(build, "broken", { onlyIf: "building" })).toMatchObject({ added: next });
    expect(await recordOf(build)).toMatchObject({ state: "failed", reason: "broken" });
  });

  test("that is live is replaced if it lost what it owned, but not as one that is being built", async () => {
    const build = await add(newModel());
    await takeOver(build);
    expect(await catalog.replace(build, "broken", { onlyIf: "building" })).toBeUndefined();
    expect(await recordOf(build)).toMatchObject({ state: "live" });
    expect(await catalog.replace(build, "lost")).toMatchObject({ added: { number: build.number + 1 } });
    expect(await recordOf(build)).toMatchObject({ state: "retired", reason: "lost" });
    expect(await catalog.replace(build, "lost")).toBeUndefined();
  });

  test("that is live may be retired by an operator", async () => {
    const build = await add(newModel());
    await takeOver(build);
    await catalog.end(build, "retired", "an operator");
    expect(await recordOf(build)).toMatchObject({ state: "retired", reason: "an operator" });
  });

  test("notes its fill: paused and going on, progress beyond 2^53, filled", async () => {
    const [build, other] = [await add(newModel()), await add(newModel())];
    await catalog.setPaused(build, true);
    expect(await recordOf(build)).toMatchObject({ paused: true, filled: false });
    await catalog.setPaused(build, false);
    expect(await recordOf(build)).toMatchObject({ paused: false });
    const progress = { position: 2n ** 60n + 1n, events: 3_000_000_000, head: 2n ** 61n + 1n };
    await catalog.reportProgress(build, progress);
    expect(await recordOf(build)).toMatchObject({ fillProgress: { ...progress, at: expect.any(Date) } });
    await catalog.setPaused(build, true);
    await catalog.markFilled(build);
    expect(await recordOf(build)).toMatchObject({ filled: true, paused: false, state: "building" });
    expect(await recordOf(other)).toMatchObject({ filled: false, paused: false, fillProgress: null });
  });

  test("that is dropped loses its failures and parked events, and keeps its record; others lose nothing", async () => {
    const readModel = newModel();
    const [build, other] = [await add(readModel), await add(readModel)];
    for (const one of [build, other]) {
      await store.store.open(one);
      await catalog.reportFailure(one, { partition: 0, kind: "event_unknown", at: point(1n), detail: "no" });
      await store.store.inPartition(one, 0, (session) =>
        session.park([{ key: "a", event: added(1n, "a"), error: "no" }]),
      );
    }
    await catalog.end(build, "failed", "broken");
    await catalog.markDropped(build);
    expect(await recordOf(build)).toMatchObject({ dropped: true, state: "failed", reason: "broken" });
    expect(await catalog.failures(build)).toEqual([]);
    expect(await store.store.parked(build)).toEqual([]);
    expect(await recordOf(other)).toMatchObject({ dropped: false, state: "building" });
    expect(await catalog.failures(other)).toHaveLength(1);
    expect(await store.store.parked(other)).toHaveLength(1);
  });
});

describe("numbers", () => {
  test("are never used again: not after a drop, not by another version", async () => {
    const readModel = newModel();
    const first = await add(readModel);
    await catalog.end(first, "failed", "broken");
    await catalog.markDropped(first);
    expect((await add(readModel)).number).toBe(2);
    expect((await add({ ...readModel, version: 2 })).name).toBe(`${readModel.name}_v2_b3`);
    expect((await add(readModel)).name).toBe(`${readModel.name}_v1_b4`);
  });

  test("are each given once, however many ask at the same time", async () => {
    const readModel = newModel();
    const builds = await Promise.all(Array.from({ length: 10 }, () => add(readModel)));
    expect(builds.map(({ number }) => number).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});

describe("a first build", () => {
  const first = (readModel: ReadModel) => catalog.add(readModel, 2, { unless: ["building", "live"] });

  test("is made once when ten ask for it at the same time", async () => {
    const readModel = newModel();
    const builds = await Promise.all(Array.from({ length: 10 }, () => first(readModel)));
    expect(builds.filter((build) => build !== undefined).map(({ number }) => number)).toEqual([1]);
    expect(await catalog.buildsOf(readModel)).toHaveLength(1);
  });

  test("is not made beside one that is building or live, and is made of a raised version or when all have ended", async () => {
    const readModel = newModel();
    const build = await add(readModel);
    expect(await first(readModel)).toBeUndefined();
    await takeOver(build);
    expect(await first(readModel)).toBeUndefined();
    expect(await first({ ...readModel, version: 2 })).toMatchObject({ number: 2 });
    await catalog.end(build, "retired", "an operator");
    expect(await first(readModel)).toMatchObject({ number: 3 });
  });
});

describe("a declaration that does not fit its builds", () => {
  const changes: readonly (readonly [string, (readModel: ReadModel) => ReadModel])[] = [
    ["tables", (readModel) => ({ ...readModel, tables: { ...readModel.tables, more: readModel.tables.tallies! } })],
    ["categories", (readModel) => ({ ...readModel, categories: ["shelf", "account"] })],
    ["partition key", (readModel) => ({ ...readModel, partitionKey: "book" })],
  ];
  test.each(changes)("rejects for other %s, and serves a raised version", async (_, change) => {
    const readModel = newModel();
    const build = await add(readModel);
    const changed = change(readModel);
    const message = `the tables of read model ${readModel.name} changed: raise its version (now 1)`;
    await expect(catalog.buildsOf(changed)).rejects.toThrow(message);
    await expect(catalog.add(changed, 2)).rejects.toThrow(message);
    await expect(catalog.add(changed, 2, { unless: ["building", "live"] })).rejects.toThrow(message);
    expect(await catalog.list()).not.toContainEqual(expect.objectContaining({ readModel: readModel.name, number: 2 }));
    expect(await catalog.buildsOf({ ...changed, version: 2 })).toEqual([]);
    expect(await add({ ...changed, version: 2 })).toMatchObject({ number: 2 });
    // An ended one has no effect.
    await catalog.end(build, "failed", "broken");
    expect(await catalog.buildsOf(changed)).toEqual([]);
  });
});

describe("a lease", () => {
  let leases = 0;
  const newLease = () => `lease ${++leases}`;

  test("is taken, renewed by its holder, refused to others, and free once it was given back", async () => {
    const lease = newLease();
    expect(await catalog.takeLease(lease, "one", 60_000)).toBe(0);
    expect(await catalog.takeLease(lease, "two", 60_000)).toBeGreaterThan(0);
    expect(await catalog.takeLease(lease, "one", 60_000)).toBe(0);
    await catalog.releaseLease(lease, "two");
    expect(await catalog.takeLease(lease, "two", 60_000)).toBeGreaterThan(0);
    await catalog.releaseLease(lease, "one");
    expect(await catalog.takeLease(lease, "two", 60_000)).toBe(0);
    expect(await catalog.takeLease(newLease(), "one", 60_000)).toBe(0);
  });

  test("goes to one of ten who ask at the same time", async () => {
    const lease = newLease();
    const asked = Array.from({ length: 10 }, (_, holder) => catalog.takeLease(lease, `holder ${holder}`, 60_000));
    expect((await Promise.all(asked)).filter((left) => left === 0)).toHaveLength(1);
  });

  test("runs out by the clock of the database, and is then anybody's", async () => {
    const lease = newLease();
    expect(await catalog.takeLease(lease, "one", 60_000)).toBe(0);
    const move = "UPDATE projections.leases SET until = clock_timestamp() + $2::interval WHERE name = $1";
    await store.pool.query(move, [lease, "50 s"]);
    expect(await catalog.takeLease(lease, "two", 60_000)).toBeGreaterThan(0);
    await store.pool.query(move, [lease, "-1 millisecond"]);
    expect(await catalog.takeLease(lease, "two", 60_000)).toBe(0);
    expect(await catalog.takeLease(lease, "one", 60_000)).toBeGreaterThan(0);
    const left = await store.pool.query(
      "SELECT until - now() BETWEEN interval '50 s' AND interval '60 s' AS fits FROM projections.leases WHERE name = $1",
      [lease],
    );
    expect(left.rows).toEqual([{ fits: true }]);
  });

  test("of a clock that was ahead is anybody's, and a worker of then is none", async () => {
    const lease = newLease();
    const build = { name: `build_${lease.replace(" ", "_")}` };
    await catalog.takeLease(lease, "dead", 60_000);
    await catalog.join(build, "dead", 60_000);
    const ahead = "UPDATE projections.leases SET until = until + interval '1 hour' WHERE holder = 'dead'";
    await store.pool.query(ahead);
    expect((await catalog.silentFor()).get(build.name)).toBeUndefined();
    expect(await catalog.takeLease(lease, "living", 60_000)).toBe(0);
    expect(await catalog.join(build, "living", 60_000)).toEqual(["living"]);
    const left = await store.pool.query("SELECT FROM projections.leases WHERE holder = 'dead'");
    expect(left.rowCount).toBe(0);
  });

  test("holds for as long as was asked, from the renewal on", async () => {
    const lease = newLease();
    await catalog.takeLease(lease, "one", 60_000);
    await catalog.takeLease(lease, "one", 1);
    await sleep(20);
    expect(await catalog.takeLease(lease, "two", 60_000)).toBe(0);
  });
});

describe("what a process asks in one turn takes one statement:", () => {
  let leases = 0;
  const newLease = () => `asked together ${++leases}`;
  /** A catalog that counts its statements. */
  function counting() {
    const counted = { statements: 0 };
    const query = (...asked: unknown[]) => {
      counted.statements++;
      return (store.pool.query as (...asked: unknown[]) => unknown)(...asked);
    };
    return { counted, catalog: createCatalog({ query } as unknown as Pool) };
  }

  test("leases, each with its own answer", async () => {
    const { counted, catalog: own } = counting();
    const [free, held, taken] = [newLease(), newLease(), newLease()];
    await catalog.takeLease(held, "me", 60_000);
    await catalog.takeLease(taken, "another", 60_000);
    const asked = [held, taken, free].map((name) => own.takeLease(name, "me", 30_000));
    const [left, wait, right] = await Promise.all(asked);
    expect([left, right]).toEqual([0, 0]);
    expect(wait).toBeGreaterThan(50_000);
    expect(counted.statements).toBe(1);
    // Two requests for the same one are sent separately: a statement cannot write a row twice.
    const both = await Promise.all(["one", "two"].map((holder) => own.takeLease(newLease(), holder, 1_000)));
    expect(both).toEqual([0, 0]);
    const same = newLease();
    const answers = await Promise.all(["one", "two", "one"].map((holder) => own.takeLease(same, holder, 60_000)));
    expect(answers.filter((left) => left === 0).length).toBeGreaterThan(0);
    expect(new Set(answers.map((left) => left === 0)).size).toBe(2);
    expect(counted.statements).toBe(5);
  });

  test("members of builds; those whose time is over are gone, and those of other builds are not told", async () => {
    const { counted, catalog: own } = counting();
    const [one, two] = [await add(newModel()), await add(newModel())];
    await catalog.join(one, "other", 60_000);
    await catalog.join(two, "dead", 1);
    await sleep(20);
    expect(await Promise.all([own.join(one, "me", 60_000), own.join(two, "me", 60_000)])).toEqual([
      ["me", "other"],
      ["me"],
    ]);
    expect(counted.statements).toBe(1);
    const { rows } = await store.pool.query(
      "SELECT holder FROM projections.leases WHERE name LIKE $1 ORDER BY holder",
      [`work ${two.name} %`],
    );
    expect(rows).toEqual([{ holder: "me" }]);
  });

  test("checkpoints; while Postgres is away none is asked for again alone", async () => {
    let statements = 0;
    const query = async () => {
      statements++;
      throw new Error("timeout exceeded when trying to connect");
    };
    const read = createCheckpointReader({ query } as unknown as Pool);
    const asked = [await add(newModel()), await add(newModel())].map((build) => read(build));
    for (const { status } of await Promise.allSettled(asked)) expect(status).toBe("rejected");
    expect(statements).toBe(1);
  });

  test("checkpoints; that one of the builds is gone fails nobody else", async () => {
    const builds = [await add(newModel()), await add(newModel(), 3), await add(newModel())];
    for (const build of builds) await store.store.open(build);
    const [first, second, gone] = builds as [Build, Build, Build];
    await store.store.inPartition(second, 1, (session) => session.advance(point(7n)));
    let statements = 0;
    const query = (...asked: unknown[]) => {
      statements++;
      return (store.pool.query as (...asked: unknown[]) => unknown)(...asked);
    };
    const read = createCheckpointReader({ query } as unknown as Pool);
    const positions = async (build: Build) => (await read(build)).map(({ position }) => position);
    const all = [
      [-1n, -1n],
      [-1n, 7n, -1n],
      [-1n, -1n],
    ];
    expect(await Promise.all(builds.map(positions))).toEqual(all);
    expect(statements).toBe(1);
    await store.store.drop(gone);
    const results = await Promise.allSettled([positions(first), positions(gone), positions(second)]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(results[2]).toMatchObject({ value: [-1n, 7n, -1n] });
  });
});

describe("a failure", () => {
  const unknown = { partition: 1, kind: "event_unknown", at: point(5n), detail: "version 2 is unknown" } as const;
  const stored = { partition: 1, kind: "event_unknown", position: 5n, eventId: idAt(5n), since: expect.any(Date) };

  test("is kept by partition and kind; reported again it keeps its time, of another event it is new", async () => {
    const [build, other] = [await add(newModel()), await add(newModel())];
    await catalog.reportFailure(build, unknown);
    await catalog.reportFailure(build, { ...unknown, partition: 0, kind: "too_many_parked" });
    const [, before] = await catalog.failures(build);
    expect(await catalog.failures(build)).toEqual([
      { ...stored, partition: 0, kind: "too_many_parked", detail: unknown.detail },
      { ...stored, detail: unknown.detail },
    ]);
    await catalog.reportFailure(build, unknown);
    expect((await catalog.failures(build))[1]).toEqual(before);
    await catalog.reportFailure(build, { ...unknown, at: point(9n), detail: "another" });
    const [, after] = await catalog.failures(build);
    expect(after).toEqual({ ...stored, position: 9n, eventId: idAt(9n), detail: "another" });
    expect(after?.since.getTime()).toBeGreaterThanOrEqual(before?.since.getTime() ?? Number.NaN);
    expect(await catalog.failures(other)).toEqual([]);
  });

  test("is cleared by kind, in one partition or in all", async () => {
    const build = await add(newModel());
    const report = () =>
      Promise.all(
        [0, 1].flatMap((partition) =>
          (["event_unknown", "log_mismatch"] as const).map((kind) =>
            catalog.reportFailure(build, { ...unknown, partition, kind }),
          ),
        ),
      );
    const left = async () =>
      (await catalog.failures(build)).map(({ partition, kind }) => `${partition} ${kind}`).sort();
    await report();
    await catalog.clearFailure(build, "event_unknown", 1);
    expect(await left()).toEqual(["0 event_unknown", "0 log_mismatch", "1 log_mismatch"]);
    await catalog.clearFailure(build, "log_mismatch");
    expect(await left()).toEqual(["0 event_unknown"]);
  });

  test("may say anything at any length", async () => {
    const build = await add(newModel());
    await catalog.reportFailure(build, { ...unknown, detail: `nul\u0000 lone\ud800 ${"long ".repeat(1_000)}` });
    const [failure] = await catalog.failures(build);
    expect(failure?.detail).toMatch(/^nul.{1,3} lone.{1,3} long /);
    expect(failure?.detail.length).toBeLessThanOrEqual(500);
  });
});
