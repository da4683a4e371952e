import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { whileLeased } from "../../../src/projections/engine/builds/lease.ts";
import type { BuildCatalog } from "../../../src/projections/engine/ports/buildCatalog.ts";
import { eventually } from "../../support/waiting.ts";
import { logger } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});

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

test("work under a lease is one holder's; another stands by, well beyond the lease's time, and takes over when the first is gone", async () => {
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

test("a lease is taken over from a holder that died without a word", async () => {
  const lease = `work ${++leases}`;
  await store.catalog.takeLease(lease, "dead", 200);
  const second = hold(lease, "second");
  await eventually(() => second.happened, ["begun"]);
});

test("work is aborted when somebody else has its lease, and begun again once that one is gone", async () => {
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

test.each(failures)(
  "work is aborted when its lease ran out because the answer to the renewal %s",
  async (_, answer) => {
    let away = false;
    const takeLease: Leases["takeLease"] = (...asked) => (away ? answer() : store.catalog.takeLease(...asked));
    const first = hold(`work ${++leases}`, "first", { ...store.catalog, takeLease });
    await eventually(() => first.happened, ["begun"]);
    away = true;
    await eventually(() => first.happened, ["begun", "aborted"]);
    away = false;
  },
);

test("a lease is left free when its work ends while a renewal is on its way", async () => {
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

test("who stands by asks for a lease no oftener than it runs out, and takes it over as soon as it has", async () => {
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

test("work goes on when a renewal of its lease has no answer: it is asked for again in time", async () => {
  let asked = 0;
  const takeLease: Leases["takeLease"] = (...lease) => {
    asked++;
    return asked % 2 === 0 ? new Promise(() => {}) : store.catalog.takeLease(...lease);
  };
  const first = hold(`work ${++leases}`, "first", { ...store.catalog, takeLease }, 6_000);
  await eventually(() => asked >= 5, true, 40_000);
  expect(first.happened).toEqual(["begun"]);
}, 60_000);

test("work goes on when one renewal of its lease fails and the next succeeds in time", async () => {
  let asked = 0;
  const takeLease: Leases["takeLease"] = (...lease) => {
    asked++;
    return asked % 2 === 0 ? Promise.reject(new Error("away for a moment")) : store.catalog.takeLease(...lease);
  };
  const first = hold(`work ${++leases}`, "first", { ...store.catalog, takeLease }, 2_000);
  await eventually(() => asked >= 6, true);
  expect(first.happened).toEqual(["begun"]);
});
