import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { beginningOf } from "../../embedded/processIdentity.ts";

/** Of these pids the ones that still run; a zombie, which nobody has waited for, does not. */
export const running = (pids: readonly number[]) => pids.filter((pid) => beginningOf(pid) !== null);

/** The child processes that this process starts from now on, until `stop`. */
export function startedFromNow() {
  const started: ChildProcess[] = [];
  const onStart = (message: unknown) => started.push((message as { process: ChildProcess }).process);
  subscribe("child_process", onStart);
  return { started, stop: () => unsubscribe("child_process", onStart) };
}

/** Maximum time that tests wait for a condition: it costs time only where a test fails, and machines are busy. */
export const patienceMs = 60_000;

/** Asks until the answer is true; after `patienceMs` throws an error with `what`. */
export const until = (what: string, answer: () => boolean | Promise<boolean>) => untilWithin(patienceMs, what, answer);

/** The same for what takes longer: after so many milliseconds. */
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

/** Waits until Redis has passed all its writes to the system: from then on a kill -9 loses nothing. */
export const untilWritten = (redis: Redis) =>
  until("the append-only file is written", async () =>
    /^aof_buffer_length:0\r$/m.test(await redis.info("persistence")),
  );
