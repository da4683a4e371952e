import { beforeEach, expect, test } from "vitest";
import { createSharedComputations } from "../../src/http/sharedComputations.ts";
import { createConcurrencyLimit } from "../../src/platform/concurrencyLimit.ts";

const unlimited = <Result>(work: () => Promise<Result>) => work();
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Computations that run until the test ends them, in the order of their start. */
let running: { readonly name: string; end(result: string): void; fail(error: Error): void }[] = [];
let now = 0;
let fly: ReturnType<typeof createSharedComputations<number, string>>;
beforeEach(() => {
  running = [];
  now = 0;
  fly = createSharedComputations(() => now);
});
const ask = (name: string, since = 0, limit = unlimited) =>
  fly({
    name,
    isGood: (begun) => begun >= since,
    make: () => new Promise((end, fail) => void running.push({ name, end, fail })),
    limit,
  }).result;

test("who asks shares what is being made, as long as its beginning is good", async () => {
  const first = [ask("a"), ask("a")];
  await turn();
  first.push(ask("a"), ask("b"));
  now = 1;
  const later = ask("a", 1);
  await turn();
  expect(running.map(({ name }) => name)).toEqual(["a", "b", "a"]);
  for (const [index, { end }] of running.entries()) end(`made ${index}`);
  expect(await Promise.all(first)).toEqual(["made 0", "made 0", "made 0", "made 1"]);
  expect(await later).toBe("made 2");
});

test("two of a name run at most; all others share the third, which begins after one of them", async () => {
  const answers: Promise<string>[] = [];
  for (now = 1; now <= 50; now++) {
    answers.push(ask("a", now));
    await turn();
  }
  expect(running.length).toBe(2);
  running[1]?.end("second");
  await turn();
  expect(running.length).toBe(3);
  running[0]?.end("first");
  running[2]?.end("third");
  expect(await Promise.all(answers)).toEqual(["first", "second", ...Array.from({ length: 48 }, () => "third")]);
});

test("a failure reaches all who share it, and no later request", async () => {
  const failed = Promise.allSettled([ask("a"), ask("a")]);
  await turn();
  running[0]?.fail(new Error("no answer"));
  expect((await failed).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const next = ask("a");
  await turn();
  running[1]?.end("made");
  expect(await next).toBe("made");
});

test("a limit holds for all names, lets them begin in their order, and what waits for it is shared as not begun", async () => {
  const limit = createConcurrencyLimit({ max: 2 });
  const answers = [..."abcd"].map((name) => ask(name, 0, limit));
  await turn();
  now = 7;
  answers.push(ask("c", 7, limit));
  expect(running.map(({ name }) => name)).toEqual(["a", "b"]);
  running[0]?.fail(new Error("no answer"));
  await expect(answers[0]).rejects.toThrow("no answer");
  await turn();
  expect(running.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  running[1]?.end("b");
  running[2]?.end("c");
  await turn();
  running[3]?.end("d");
  expect(await Promise.all(answers.slice(1))).toEqual(["b", "c", "d", "c"]);
});
