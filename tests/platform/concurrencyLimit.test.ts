import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { createConcurrencyLimit, createKeyedLimit, TooManyWaiting } from "../../src/platform/concurrencyLimit.ts";

/** Tasks that end on demand; `begun` has their names in the order of their start. */
function tasks(limit: ReturnType<typeof createConcurrencyLimit>) {
  const begun: string[] = [];
  const ends = new Map<string, Ends>();
  return {
    begun,
    start(name: string) {
      return limit(() => {
        begun.push(name);
        return new Promise<string>((resolve, reject) => {
          ends.set(name, { resolve: () => resolve(name), reject });
        });
      });
    },
    end: (name: string) => ends.get(name)?.resolve(),
    fail: (name: string) => ends.get(name)?.reject(new Error(name)),
  };
}

type Ends = { readonly resolve: () => void; readonly reject: (error: Error) => void };

const aMoment = () => sleep(0);

test("so many run at once; the others begin in order as these end, or fail", async () => {
  const { begun, start, end, fail } = tasks(createConcurrencyLimit({ max: 2, patienceMs: 60_000 }));
  const all = ["a", "b", "c", "d"].map(start);
  await aMoment();
  expect(begun).toEqual(["a", "b"]);
  end("b");
  expect(await all[1]).toBe("b");
  await aMoment();
  expect(begun).toEqual(["a", "b", "c"]);
  fail("a");
  await expect(all[0]).rejects.toThrow("a");
  await aMoment();
  expect(begun).toEqual(["a", "b", "c", "d"]);
  end("c");
  end("d");
  await Promise.all([all[2], all[3]]);
});

test("one that takes long holds nobody up, and gives its slot only once", async () => {
  const { begun, start, end } = tasks(createConcurrencyLimit({ max: 1, patienceMs: 20 }));
  const all = ["slow", "b"].map(start);
  await aMoment();
  expect(begun).toEqual(["slow"]);
  await expect.poll(() => begun).toEqual(["slow", "b"]);
  end("slow");
  await all[0];
  // Of these two only one may begin now: b holds the slot that the slow one gave.
  end("b");
  await all[1];
  const more = ["c", "d"].map(start);
  await aMoment();
  expect(begun).toEqual(["slow", "b", "c"]);
  end("c");
  await more[0];
  await aMoment();
  end("d");
  await more[1];
});

test("a task that throws at once gives its slot back", async () => {
  const limit = createConcurrencyLimit({ max: 1, patienceMs: 60_000 });
  const fails = limit(() => {
    throw new Error("at once");
  });
  await expect(fails).rejects.toThrow("at once");
  expect(await limit(async () => "next")).toBe("next");
});

test("of those that may not wait none is begun later", async () => {
  const { begun, start, end } = tasks(createConcurrencyLimit({ max: 1, maxWaiting: 1 }));
  const all = ["a", "b"].map(start);
  await expect(start("c")).rejects.toThrow(TooManyWaiting);
  await aMoment();
  end("a");
  await all[0];
  const next = start("d");
  await aMoment();
  end("b");
  await all[1];
  await aMoment();
  end("d");
  await next;
  expect(begun).toEqual(["a", "b", "d"]);
});

test("what waits for too long is refused, and the next has its turn", async () => {
  vi.useFakeTimers();
  try {
    const { begun, start, end } = tasks(createConcurrencyLimit({ max: 1, longestWaitMs: 5_000 }));
    const slow = start("slow");
    const refused = expect(start("b")).rejects.toThrow(TooManyWaiting);
    await vi.advanceTimersByTimeAsync(4_000);
    const next = start("c");
    await vi.advanceTimersByTimeAsync(1_000);
    await refused;
    end("slow");
    await slow;
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toEqual(["slow", "c"]);
    // Only waiting tasks are refused, not running ones.
    await vi.advanceTimersByTimeAsync(60_000);
    end("c");
    expect(await next).toBe("c");
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("each key has a limit of its own", async () => {
  const limits = createKeyedLimit({ max: 1 });
  const [a, b] = [tasks(limits("a")), tasks(limits("b"))];
  // Another limit with the same key is shared.
  const again = tasks(limits("a"));
  const all = [a.start("1"), again.start("2"), b.start("3")];
  await aMoment();
  expect([a.begun, again.begun, b.begun]).toEqual([["1"], [], ["3"]]);
  a.end("1");
  await aMoment();
  expect(again.begun).toEqual(["2"]);
  again.end("2");
  b.end("3");
  expect(await Promise.all(all)).toEqual(["1", "2", "3"]);
  const later = limits("a");
  expect(await later(async () => "4")).toBe("4");
});
