import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { paceRequests } from "../../../src/http/server/requestPacing.ts";

/** Starts `count` at once; reports after each turn of the event loop which have run so far. */
async function turns(count: number, lateOnes: readonly number[] = []) {
  const start = paceRequests();
  const done: number[] = [];
  for (let number = 0; number < count; number++) start(() => done.push(number));
  const seen = [[...done]];
  for (const late of lateOnes) {
    await nextTurn();
    seen.push([...done]);
    start(() => done.push(late));
  }
  while (done.length < count + lateOnes.length) {
    await nextTurn();
    seen.push([...done]);
  }
  return { seen, done };
}

const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

test("what comes alone, or with few others, runs at once", async () => {
  expect((await turns(1)).seen).toEqual([[0]]);
  expect((await turns(8)).seen).toEqual([upTo(8)]);
});

test("of many that come at once eight run in a turn of the event loop", async () => {
  expect((await turns(20)).seen).toEqual([upTo(8), upTo(16), upTo(20)]);
});

test("what comes later runs after what waits, in order", async () => {
  const { done } = await turns(20, [100, 101, 102]);
  expect(done).toEqual([...upTo(20), 100, 101, 102]);
});

test("when all is done the next eight run at once again", async () => {
  const start = paceRequests();
  const done: number[] = [];
  for (let number = 0; number < 9; number++) start(() => done.push(number));
  for (let turn = 0; turn < 3; turn++) await nextTurn();
  for (let number = 9; number < 17; number++) start(() => done.push(number));
  expect(done).toEqual(upTo(17));
});

test("beyond 256 that wait the first of them runs at once, so that no client fills the memory", () => {
  const start = paceRequests();
  const done: number[] = [];
  for (let number = 0; number < 8 + 256 + 100; number++) start(() => done.push(number));
  expect(done).toEqual(upTo(108));
});
