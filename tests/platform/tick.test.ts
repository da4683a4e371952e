import { expect, test } from "vitest";
import { nextTick } from "../../src/platform/tick.ts";

const never = new AbortController().signal;

test("whoever waits for a tick wakes in one turn with the others, whenever they began to wait", async () => {
  let turn = 0;
  let counting = true;
  const count = () => {
    turn++;
    if (counting) setImmediate(count);
  };
  count();
  const woken: number[] = [];
  const wait = async () => {
    await nextTick(400, never);
    woken.push(turn);
  };
  // Not across a tick.
  await nextTick(400, never);
  const first = wait();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await Promise.all([first, wait(), wait()]);
  counting = false;
  expect(woken).toEqual([woken[0], woken[0], woken[0]]);
});

test("an abort wakes who is aborted at once, and nobody else", async () => {
  const leaving = new AbortController();
  const woken: string[] = [];
  const left = nextTick(300, leaving.signal).then(() => woken.push("left"));
  const stayed = nextTick(300, never).then(() => woken.push("stayed"));
  leaving.abort();
  await left;
  expect(woken).toEqual(["left"]);
  await stayed;
  expect(woken).toEqual(["left", "stayed"]);
  await nextTick(60_000, leaving.signal);
});
