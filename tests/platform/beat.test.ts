import { expect, test } from "vitest";
import { nextBeat } from "../../src/platform/beat.ts";

const never = new AbortController().signal;

test("whoever waits for a beat wakes in one turn with the others, whenever they began to wait", async () => {
  let turn = 0;
  let counting = true;
  const count = () => {
    turn++;
    if (counting) setImmediate(count);
  };
  count();
  const woken: number[] = [];
  const wait = async () => {
    await nextBeat(400, never);
    woken.push(turn);
  };
  // Not across a beat.
  await nextBeat(400, never);
  const first = wait();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await Promise.all([first, wait(), wait()]);
  counting = false;
  expect(woken).toEqual([woken[0], woken[0], woken[0]]);
});

test("an abort wakes who is aborted at once, and nobody else", async () => {
  const leaving = new AbortController();
  const woken: string[] = [];
  const left = nextBeat(300, leaving.signal).then(() => woken.push("left"));
  const stayed = nextBeat(300, never).then(() => woken.push("stayed"));
  leaving.abort();
  await left;
  expect(woken).toEqual(["left"]);
  await stayed;
  expect(woken).toEqual(["left", "stayed"]);
  await nextBeat(60_000, leaving.signal);
});
