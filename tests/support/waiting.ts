import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";

/** Maximum time that tests wait for a condition: it costs time only if a test fails, and machines may be busy. */
export const patienceMs = 60_000;

/** Polls until the answer is true; after `patienceMs` throws an error with `what`. */
export const until = (what: string, answer: () => boolean | Promise<boolean>) => untilWithin(patienceMs, what, answer);

/** `until` with another time-out. */
export async function untilWithin(
  timeoutMs: number,
  what: string,
  answer: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await answer())) {
    if (Date.now() > deadline) throw new Error(`after ${timeoutMs} ms still not: ${what}`);
    await sleep(20);
  }
}

/** Polls `read` until it returns what is expected; fails with the difference, or with what `read` rejects with, after `ms`. */
export async function eventually<Value>(
  read: () => Promise<Value> | Value,
  expected: Value,
  ms = patienceMs,
): Promise<void> {
  const until = Date.now() + ms;
  for (;;) {
    try {
      expect(await read()).toEqual(expected);
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(20);
    }
  }
}
