// Longer than most files: how builds come, change over and go, each rule one short story with the same store.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createCatalog } from "../../../src/projections/catalog/catalog.ts";
import { dropEndedBuilds } from "../../../src/projections/engine/builds/dropEnded.ts";
import { fillBuild } from "../../../src/projections/engine/builds/fill/fillBuild.ts";
import { followBuilds } from "../../../src/projections/engine/builds/followBuilds.ts";
import { whileLeased } from "../../../src/projections/engine/builds/lease.ts";
import { takeOverWhenReady, tryTakeOver } from "../../../src/projections/engine/builds/takeOver.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { ReadModel } from "../../../src/projections/engine/core/declaration.ts";
import { highestPosition, lowestPosition } from "../../../src/projections/engine/core/positions.ts";
import type { BuildCatalog } from "../../../src/projections/engine/ports/buildCatalog.ts";
import type { ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { added, codec, idAt, logger, oneMore, point, quick, recorded, tallyOf } from "../fixtures.ts";
import { eventually, freshStore, intercepted, type Store } from "../store.ts";
import { scriptedLog } from "./scripted.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});

let models = 0;
const newModel = () => tallyOf(`turned${++models}`);
const stateOf = async ({ name }: Build) => (await store.catalog.list()).find((record) => record.name === name)?.state;

describe("what runs for builds", () => {
  function follow(
    readModels: readonly ReadModel[],
    catalog: Pick<BuildCatalog, "buildsOf"> = store.catalog,
    everyMs = 20,
  ) {
    const happened: string[] = [];
    const following = followBuilds({
      catalog,
      readModels,
      wants: ({ state, paused }) => state === "building" && !paused,
      start: ({ name }) => {
        happened.push(`start ${name}`);
        return { close: async () => void happened.push(`close ${name}`) };
      },
      everyMs,
      logger,
    });
    running.push(() => following.close());
    return { happened, following };
  }

  test("is started once for each build that is wanted, and closed when it no longer is, or when it has ended", async () => {
    const [one, two, foreign] = [newModel(), newModel(), newModel()];
    const { happened, following } = follow([one, two]);
    const build = await store.add(one);
    await store.add(foreign);
    await store.add({ ...one, version: 2 });
    await eventually(() => happened, [`start ${build.name}`]);
    const second = await store.add(two);
    await eventually(() => happened, [`start ${build.name}`, `start ${second.name}`]);
    await store.catalog.setPaused(build, true);
    await eventually(() => happened.at(-1), `close ${build.name}`);
    await store.catalog.setPaused(build, false);
    await eventually(() => happened.at(-1), `start ${build.name}`);
    await store.catalog.end(second, "failed", "broken");
    await eventually(() => happened.at(-1), `close ${second.name}`);
    await following.close();
    expect(happened).toEqual([
      `start ${build.name}`,
      `start ${second.name}`,
      `close ${build.name}`,
      `start ${build.name}`,
      `close ${second.name}`,
      `close ${build.name}`,
    ]);
  });

  test("is taken up at once when asked to", async () => {
    const readModel = newModel();
    let reads = 0;
    const buildsOf: BuildCatalog["buildsOf"] = (asked) => {
      reads++;
      return store.catalog.buildsOf(asked);
    };
    const { happened, following } = follow([readModel], { buildsOf }, 60_000);
    await eventually(() => reads, 1);
    const build = await store.add(readModel);
    following.refresh();
    await eventually(() => happened, [`start ${build.name}`]);
  });

  test("goes on while the catalog cannot be read, and builds are followed again once it can", async () => {
    const readModel = newModel();
    let away = false;
    let refused = 0;
    const buildsOf: BuildCatalog["buildsOf"] = async (asked) => {
      if (!away) return store.catalog.buildsOf(asked);
      refused++;
      throw new Error("the catalog is away");
    };
    const { happened } = follow([readModel], { buildsOf });
    const build = await store.add(readModel);
    await eventually(() => happened, [`start ${build.name}`]);
    away = true;
    await eventually(() => refused > 3, true);
    expect(happened).toEqual([`start ${build.name}`]);
    const second = await store.add(readModel);
    away = false;
    await eventually(() => happened, [`start ${build.name}`, `start ${second.name}`]);
  });
});

describe("work under a lease", () => {
  let leases = 0;
  type Leases = Pick<BuildCatalog, "takeLease" | "releaseLease">;
  function hold(name: string, holder: string, catalog: Leases = store.catalog, leaseMs = 400) {
    const happened: string[] = [];
    const stop = new AbortController();
    const working = whileLeased({ catalog, name, holder, leaseMs, logger }, stop.signal, async (held) => {
      happened.push("begun");
      await new Promise<void>((resolve) => held.addEventListener("abort", () => resolve()));
      happened.push("aborted");
    });
    const close = async () => {
      stop.abort();
      await working;
    };
    running.push(close);
    return { happened, close };
  }

  test("is one holder's; another stands by, well beyond the lease's time, and takes over when the first is gone", async () => {
    const lease = `work ${++leases}`;
    const first = hold(lease, "first");
    await eventually(() => first.happened, ["begun"]);
    const second = hold(lease, "second");
    await sleep(3 * 400);
    expect([first.happened, second.happened]).toEqual([["begun"], []]);
    await first.close();
    await eventually(() => second.happened, ["begun"]);
    expect(first.happened).toEqual(["begun", "aborted"]);
  });

  test("is taken over from one that died without a word", async () => {
    const lease = `work ${++leases}`;
    await store.catalog.takeLease(lease, "dead", 200);
    const second = hold(lease, "second");
    await eventually(() => second.happened, ["begun"]);
  });

  test("is aborted when somebody else has the lease, and begun again once that one is gone", async () => {
    const lease = `work ${++leases}`;
    const first = hold(lease, "first");
    await eventually(() => first.happened, ["begun"]);
    const steal = "UPDATE projections.leases SET holder = 'thief', until = now() + interval '50 s' WHERE name = $1";
    await store.pool.query(steal, [lease]);
    await eventually(() => first.happened, ["begun", "aborted"]);
    expect(await store.catalog.takeLease(lease, "third", 1)).toBeGreaterThan(0);
    await store.catalog.releaseLease(lease, "thief");
    await eventually(() => first.happened, ["begun", "aborted", "begun"]);
  });

  const failures: readonly (readonly [string, () => Promise<number>])[] = [
    ["is refused", () => Promise.reject(new Error("the catalog is away"))],
    ["does not come", () => new Promise(() => {})],
  ];
  test.each(failures)("is aborted when the lease ran out because the answer to its renewal %s", async (_, answer) => {
    let away = false;
    const takeLease: Leases["takeLease"] = (...asked) => (away ? answer() : store.catalog.takeLease(...asked));
    const first = hold(`work ${++leases}`, "first", { ...store.catalog, takeLease });
    await eventually(() => first.happened, ["begun"]);
    away = true;
    await eventually(() => first.happened, ["begun", "aborted"]);
    away = false;
  });

  test("leaves the lease free when it ends while a renewal is on its way", async () => {
    const lease = `work ${++leases}`;
    let asked = 0;
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const takeLease: Leases["takeLease"] = async (...question) => {
      if (++asked > 1) await answered;
      return store.catalog.takeLease(...question);
    };
    const first = hold(lease, "first", { ...store.catalog, takeLease }, 20_000);
    await eventually(() => asked, 2);
    const closed = first.close();
    await eventually(() => first.happened, ["begun", "aborted"]);
    answer();
    await closed;
    expect(await store.catalog.takeLease(lease, "second", 1)).toBe(0);
  });

  test("is asked for by who stands by no oftener than it runs out, and taken over as soon as it has", async () => {
    const lease = `work ${++leases}`;
    await store.catalog.takeLease(lease, "dead", 3_000);
    let asked = 0;
    const takeLease: Leases["takeLease"] = (...question) => {
      asked++;
      return store.catalog.takeLease(...question);
    };
    const second = hold(lease, "second", { ...store.catalog, takeLease }, 4_000);
    await eventually(() => second.happened, ["begun"]);
    expect(asked).toBeLessThanOrEqual(3);
  });

  test("goes on when a renewal has no answer, which is asked for again in time", async () => {
    let asked = 0;
    const takeLease: Leases["takeLease"] = (...lease) => {
      asked++;
      return asked % 2 === 0 ? new Promise(() => {}) : store.catalog.takeLease(...lease);
    };
    const first = hold(`work ${++leases}`, "first", { ...store.catalog, takeLease }, 6_000);
    await eventually(() => asked >= 5, true, 40_000);
    expect(first.happened).toEqual(["begun"]);
  }, 60_000);

  test("goes on when one renewal fails and the next succeeds in time", async () => {
    let asked = 0;
    const takeLease: Leases["takeLease"] = (...lease) => {
      asked++;
      return asked % 2 === 0 ? Promise.reject(new Error("away for a moment")) : store.catalog.takeLease(...lease);
    };
    const first = hold(`work ${++leases}`, "first", { ...store.catalog, takeLease }, 2_000);
    await eventually(() => asked >= 6, true);
    expect(first.happened).toEqual(["begun"]);
  });
});

describe("a build takes over", () => {
  const partitions = 3;
  const never = new AbortController().signal;
  const timing = { ...quick, takeOver: 300 };
  const using = (log: ReturnType<typeof scriptedLog>, stored: ReadModelStore = store.store) => {
    const { catalog } = store;
    return { store: stored, catalog, codec, eventStore: log.eventStore, logger, timing, announce: async () => {} };
  };
  const advance = (build: Build, partition: number, position: bigint) =>
    store.store.inPartition(build, partition, (session) => session.advance(point(position)));
  const setCheckpoints = async (build: Build, ...positions: bigint[]) => {
    for (const [partition, position] of positions.entries()) await advance(build, partition, position);
  };
  const park = (build: Build, position: bigint, key: string, partition = 0) =>
    store.store.inPartition(build, partition, (session) =>
      session.park([{ key, event: added(position, key), error: "no" }]),
    );
  async function pair() {
    const readModel = newModel();
    const old = await store.build(readModel, partitions);
    return { old, next: await store.add(readModel, partitions) };
  }
  const three = () => scriptedLog(added(10n, "a"), added(20n, "b"), added(30n, "c"));

  test("when each partition has passed the last event at or before the old one's highest position, not before", async () => {
    const { old, next } = await pair();
    await setCheckpoints(old, 20n, 10n, 10n);
    await setCheckpoints(next, 20n, 20n, 10n);
    expect(await tryTakeOver(using(three()), next, never)).toBe("waiting");
    expect([await stateOf(old), await stateOf(next)]).toEqual(["live", "building"]);
    // 30 has not come to the old one: nobody has read it.
    await advance(next, 2, 20n);
    expect(await tryTakeOver(using(three()), next, never)).toBe("live");
    expect([await stateOf(old), await stateOf(next)]).toEqual(["retired", "live"]);
    expect(await tryTakeOver(using(three()), next, never)).toBe("ended");
  });

  test("at once when it is as far as the old one: the log, which may be long, is not read", async () => {
    const { old, next } = await pair();
    await setCheckpoints(old, 20n, 30n, 10n);
    await setCheckpoints(next, 30n, 30n, 40n);
    const log = three();
    const readAll = vi.fn(log.eventStore.readAll);
    const dependencies = { ...using(log), eventStore: { ...log.eventStore, readAll } };
    expect(await tryTakeOver(dependencies, next, never)).toBe("live");
    expect(readAll).not.toHaveBeenCalled();
  });

  test("when the old one's position is no event of its own categories: the last of its own counts", async () => {
    const { old, next } = await pair();
    // So is one that was made from a longer log than there is now.
    await setCheckpoints(old, 900n, 20n, 20n);
    await setCheckpoints(next, 30n, 30n, 20n);
    expect(await tryTakeOver(using(three()), next, never)).toBe("waiting");
    await advance(next, 2, 30n);
    expect(await tryTakeOver(using(three()), next, never)).toBe("live");
  });

  test("without a predecessor when it has passed the log's end; parked keys do not matter then", async () => {
    const next = await store.add(newModel(), partitions);
    await setCheckpoints(next, 30n, 30n, 20n);
    await park(next, 10n, "a");
    expect(await tryTakeOver(using(three()), next, never)).toBe("waiting");
    expect(await stateOf(next)).toBe("building");
    await advance(next, 2, 30n);
    expect(await tryTakeOver(using(three()), next, never)).toBe("live");
    expect(await stateOf(next)).toBe("live");
  });

  test("without a predecessor and without events at once", async () => {
    const next = await store.add(newModel(), partitions);
    expect(await tryTakeOver(using(scriptedLog()), next, never)).toBe("live");
  });

  test("from one that goes on advancing: that one is frozen and passed, though the new one always lags", async () => {
    const { old, next } = await pair();
    const log = scriptedLog();
    let applied = 0n;
    let ended = false;
    const oldAdvances = (async () => {
      while (!ended) {
        log.write(added(applied + 1n, "a"));
        await setCheckpoints(old, applied + 1n, applied + 1n, applied + 1n);
        applied++;
        await sleep(5);
      }
    })();
    const nextFollows = (async () => {
      while (!ended) {
        const seen = highestPosition(await store.store.checkpoints(old));
        await sleep(60);
        await setCheckpoints(next, seen, seen, seen);
      }
    })();
    const asked: { highest: bigint; old: bigint; next: bigint }[] = [];
    const watched: ReadModelStore = {
      ...store.store,
      takeOver: (one, other, mayTakeOver) =>
        store.store.takeOver(one, other, async (highest) => {
          const may = await mayTakeOver(highest);
          const [oldNow = -1n] = await store.positions(old);
          asked.push({ highest, old: oldNow, next: lowestPosition(await store.store.checkpoints(next)) });
          return may;
        }),
    };
    try {
      await eventually(() => applied > 20n, true);
      const dependencies = { ...using(log, watched), timing: { ...timing, takeOver: 2_000 } };
      expect(await tryTakeOver(dependencies, next, never)).toBe("live");
    } finally {
      ended = true;
      await Promise.all([oldAdvances, nextFollows]);
    }
    const [{ highest, old: frozen, next: passed } = { highest: -1n, old: -2n, next: -3n }] = asked;
    expect(asked).toHaveLength(1);
    expect(frozen).toBe(highest);
    expect(passed).toBeGreaterThanOrEqual(highest);
  });

  test("not when the old one, once frozen, cannot be passed in time: it goes on", async () => {
    const { old, next } = await pair();
    await setCheckpoints(old, 20n, 20n, 20n);
    await setCheckpoints(next, 20n, 20n, 20n);
    const late: ReadModelStore = {
      ...store.store,
      takeOver: async (...asked) => {
        // Applied between the first question and the lock.
        await advance(old, 0, 30n);
        return store.store.takeOver(...asked);
      },
    };
    expect(await tryTakeOver(using(three(), late), next, never)).toBe("waiting");
    expect([await stateOf(old), await stateOf(next)]).toEqual(["live", "building"]);
    await advance(old, 1, 30n);
  });

  describe("not when it parks more than the old one", () => {
    async function atTheLogsEnd() {
      const builds = await pair();
      await setCheckpoints(builds.old, 30n, 30n, 30n);
      await setCheckpoints(builds.next, 30n, 30n, 30n);
      return builds;
    }

    test("a key that the old one has not parked, or parked at a later event only", async () => {
      const { old, next } = await atTheLogsEnd();
      await park(next, 10n, "a");
      expect(await tryTakeOver(using(three()), next, never)).toBe("waiting");
      await park(old, 20n, "a");
      expect(await tryTakeOver(using(three()), next, never)).toBe("waiting");
      await park(old, 5n, "b");
      expect(await tryTakeOver(using(three()), next, never)).toBe("waiting");
      expect([await stateOf(old), await stateOf(next)]).toEqual(["live", "building"]);
    });

    test("but when the old one has parked it at the same event or before, in whatever partition", async () => {
      const { old, next } = await atTheLogsEnd();
      await park(next, 10n, "a");
      await park(next, 20n, "b", 1);
      await park(old, 10n, "a", 2);
      await park(old, 5n, "b");
      await park(old, 25n, "b", 1);
      await park(old, 1n, "c");
      expect(await tryTakeOver(using(three()), next, never)).toBe("live");
      expect(await stateOf(next)).toBe("live");
    });

    test("also when it parks it only while the old one is locked", async () => {
      const { old, next } = await atTheLogsEnd();
      const parking: ReadModelStore = {
        ...store.store,
        takeOver: (one, other, mayTakeOver) =>
          store.store.takeOver(one, other, async (highest) => {
            await park(next, 30n, "c");
            return mayTakeOver(highest);
          }),
      };
      expect(await tryTakeOver(using(three(), parking), next, never)).toBe("waiting");
      expect([await stateOf(old), await stateOf(next)]).toEqual(["live", "building"]);
    });
  });

  describe("but not with an event that was skipped when it had folded it", () => {
    const skipOf = (position: bigint, skipped: bigint, { readModel }: Build) =>
      recorded(position, "operations-projections", {
        type: "ParkedEventSkipped",
        data: {
          readModel: readModel.name,
          eventId: idAt(skipped),
          position: String(skipped),
          skippedBy: "operator",
          reason: "broken",
        },
      });
    const statesOf = async ({ readModel }: Build) =>
      (await store.catalog.buildsOf(readModel)).map(({ number, state }) => [number, state]);
    /** Both are at the log's end. */
    async function atTheLogsEnd() {
      const { old, next } = await pair();
      for (const build of [old, next]) await setCheckpoints(build, 30n, 30n, 30n);
      return { old, next, log: three() };
    }

    test("it fails, and another is added; the live one stays", async () => {
      const { old, next, log } = await atTheLogsEnd();
      log.write(skipOf(40n, 20n, next));
      expect(await tryTakeOver(using(log), next, never)).toBe("replaced");
      expect(await stateOf(next)).toBe("failed");
      expect(await statesOf(next)).toEqual([
        [old.number, "live"],
        [next.number + 1, "building"],
      ]);
    });

    /** The catalog, with which no build can be added the first time. */
    const flakyCatalog = () => {
      let failures = 1;
      const pool = intercepted(store.pool, (text, run) => {
        if (text.includes("INSERT INTO projections.builds") && failures-- > 0) return Promise.reject(new Error("away"));
        return run();
      });
      return createCatalog(pool, oneMore);
    };

    test("both in one step: what fails between leaves it as it was, and the next attempt ends and adds", async () => {
      const { old, next, log } = await atTheLogsEnd();
      log.write(skipOf(40n, 20n, next));
      const dependencies = { ...using(log), catalog: flakyCatalog() };
      await expect(tryTakeOver(dependencies, next, never)).rejects.toThrow("away");
      expect(await stateOf(next)).toBe("building");
      expect(await tryTakeOver(dependencies, next, never)).toBe("replaced");
      expect(await statesOf(next)).toEqual([
        [old.number, "live"],
        [next.number + 1, "building"],
      ]);
    });

    test("also when the process that wrote a piece of the fill died before it looked for skips again", async () => {
      const readModel = newModel();
      const next = await store.add(readModel, partitions);
      const log = three();
      const dying: ReadModelStore = {
        ...store.store,
        fill: async (build, what) => {
          await store.store.fill(build, what);
          log.write(skipOf(40n, 20n, build));
          throw new Error("the process died");
        },
      };
      const filling = { store: dying, catalog: store.catalog, eventStore: log.eventStore, codec, logger, timing };
      await expect(fillBuild(filling, next, never)).rejects.toThrow("died");
      expect(await fillBuild({ ...filling, store: store.store }, next, never)).toBe("filled");
      expect(await tryTakeOver(using(log), next, never)).toBe("replaced");
      const [again] = await store.catalog.buildsOf(readModel);
      if (again === undefined) throw new Error("no other build was added");
      expect(await fillBuild({ ...filling, store: store.store }, again.build, never)).toBe("filled");
      expect(await tryTakeOver(using(log), again.build, never)).toBe("live");
      expect(await store.tally(again.build)).toEqual({ a: 1, c: 1 });
    });

    test("it does with one that it left out, parks, or has not come to", async () => {
      const { next, log } = await atTheLogsEnd();
      await store.store.inPartition(next, 0, (session) => session.leaveOut([idAt(10n)]));
      const { old } = { old: (await store.catalog.buildsOf(next.readModel))[0]?.build as Build };
      for (const build of [old, next]) await park(build, 20n, "b", 1);
      for (const skip of [skipOf(40n, 10n, next), skipOf(50n, 20n, next), skipOf(60n, 99n, next)]) log.write(skip);
      await setCheckpoints(next, 60n, 60n, 60n);
      expect(await tryTakeOver(using(log), next, never)).toBe("live");
    });

    test("it does not when the skip comes while the old one is locked, and is rebuilt when it comes with the swap", async () => {
      const locked = await atTheLogsEnd();
      const skipping = (log: typeof locked.log, after: boolean): ReadModelStore => ({
        ...store.store,
        takeOver: async (next, old, mayTakeOver) => {
          const taken = await store.store.takeOver(next, old, async (highest) => {
            if (!after) log.write(skipOf(40n, 20n, next));
            return mayTakeOver(highest);
          });
          if (after) log.write(skipOf(40n, 20n, next));
          return taken;
        },
      });
      expect(await tryTakeOver(using(locked.log, skipping(locked.log, false)), locked.next, never)).toBe("waiting");
      expect(await stateOf(locked.old)).toBe("live");
      const swapped = await atTheLogsEnd();
      expect(await tryTakeOver(using(swapped.log, skipping(swapped.log, true)), swapped.next, never)).toBe("live");
      expect(await statesOf(swapped.next)).toEqual([
        [swapped.next.number, "live"],
        [swapped.next.number + 1, "building"],
      ]);

      const failing = await atTheLogsEnd();
      const dependencies = { ...using(failing.log, skipping(failing.log, true)), catalog: flakyCatalog() };
      await takeOverWhenReady(dependencies, failing.next, never);
      expect(await statesOf(failing.next)).toEqual([
        [failing.next.number, "live"],
        [failing.next.number + 1, "building"],
      ]);
    });
  });

  test("as soon as it may, whatever fails meanwhile, and says so once; one that has ended never does", async () => {
    const { old, next } = await pair();
    await setCheckpoints(old, 20n, 20n, 20n);
    await setCheckpoints(next, 20n, 20n, 10n);
    const announced: string[] = [];
    let tries = 0;
    const flaky: ReadModelStore = {
      ...store.store,
      checkpoints: (build) => (++tries < 4 ? Promise.reject(new Error("away")) : store.store.checkpoints(build)),
    };
    const announce = async (readModel: string) => void announced.push(readModel);
    const taking = takeOverWhenReady({ ...using(three(), flaky), announce }, next, never);
    await eventually(() => tries > 6, true);
    expect(announced).toEqual([]);
    await advance(next, 2, 20n);
    await taking;
    expect(announced).toEqual([next.readModel.name]);
    expect(await stateOf(next)).toBe("live");

    const ended = await store.add(next.readModel, partitions);
    await setCheckpoints(ended, 30n, 30n, 30n);
    await store.catalog.end(ended, "failed", "broken");
    expect(await tryTakeOver(using(three()), ended, never)).toBe("ended");
    const stop = new AbortController();
    const waiting = takeOverWhenReady({ ...using(three()), announce }, ended, stop.signal);
    await sleep(2 * quick.buildsEvery);
    stop.abort();
    await waiting;
    expect(announced).toHaveLength(1);
    expect(await stateOf(next)).toBe("live");
  });
});

describe("what has ended is dropped", () => {
  type Dropping = Parameters<typeof dropEndedBuilds>[0];
  function drop(more: Partial<Dropping> = {}) {
    const queues: string[] = [];
    const stop = new AbortController();
    const dropQueues = async ({ name }: { name: string }) => void queues.push(name);
    const dependencies = { store: store.store, catalog: store.catalog, dropQueues, logger, timing: quick, ...more };
    const dropping = dropEndedBuilds(dependencies, stop.signal);
    running.push(() => {
      stop.abort();
      return dropping;
    });
    return { queues };
  }
  const isThere = async ({ name }: Build) =>
    (await store.pool.query("SELECT to_regnamespace($1) IS NOT NULL AS there", [name])).rows[0].there;
  const droppedOf = async ({ name }: Build) =>
    (await store.catalog.list()).find((record) => record.name === name)?.dropped;

  test("retired or failed, of a read model that nobody knows any more too: queues, rows, record; the others stay", async () => {
    const readModel = newModel();
    const live = await store.build(readModel);
    const building = await store.add(readModel);
    const retired = await store.add({ ...readModel, version: 7 });
    const failed = await store.add(readModel);
    await store.catalog.end(retired, "retired", "done");
    await store.catalog.end(failed, "failed", "broken");
    const { queues } = drop();
    await eventually(() => Promise.all([retired, failed].map(droppedOf)), [true, true]);
    expect(await Promise.all([retired, failed, live, building].map(isThere))).toEqual([false, false, true, true]);
    expect(await Promise.all([live, building].map(droppedOf))).toEqual([false, false]);
    expect(queues).toEqual(expect.arrayContaining([retired.name, failed.name]));
    expect(queues).not.toContain(live.name);
    expect(queues).not.toContain(building.name);
  });

  test("not before every process has had time to notice", async () => {
    const build = await store.add(newModel());
    await store.catalog.end(build, "failed", "broken");
    let looks = 0;
    const list = () => {
      looks++;
      return store.catalog.list();
    };
    const { queues } = drop({ catalog: { ...store.catalog, list }, timing: { ...quick, dropAfter: 60_000 } });
    await eventually(() => looks > 4, true);
    expect(queues).toEqual([]);
    expect([await isThere(build), await droppedOf(build)]).toEqual([true, false]);
  });

  test("again and again until it is gone, and one that cannot be dropped holds up no other", async () => {
    const [stuck, other] = [await store.add(newModel()), await store.add(newModel())];
    await store.catalog.end(stuck, "failed", "broken");
    await store.catalog.end(other, "failed", "broken");
    let locked = true;
    let looks = 0;
    const list = async () => {
      if (++looks % 3 === 1) throw new Error("the catalog is away");
      return store.catalog.list();
    };
    const really = store.store.drop;
    const refusing: Dropping["store"] = {
      drop: async (build) => {
        if (locked && build.name === stuck.name) throw new Error("somebody reads it");
        return really(build);
      },
    };
    drop({ store: refusing, catalog: { ...store.catalog, list } });
    await eventually(() => droppedOf(other), true);
    expect([await droppedOf(stuck), await isThere(stuck)]).toEqual([false, true]);
    locked = false;
    await eventually(() => droppedOf(stuck), true);
    expect(await isThere(stuck)).toBe(false);
  });
});
