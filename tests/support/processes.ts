import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { beginningOf } from "../../embedded/supervisor/processIdentity.ts";

/** Of these pids the ones that still run; a zombie, which nobody has waited for, does not. */
export const running = (pids: readonly number[]) => pids.filter((pid) => beginningOf(pid) !== null);

/** Asks until the answer is true; after `timeoutMs` throws an error with `what`. */
export async function until(what: string, timeoutMs: number, answer: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await answer())) {
    if (Date.now() > deadline) throw new Error(`after ${timeoutMs} ms still not: ${what}`);
    await sleep(20);
  }
}

/** Waits until Redis has handed all it was told to the system: from then on a kill -9 loses nothing. */
export const untilWritten = (redis: Redis) =>
  until("the append-only file is written", 5_000, async () =>
    /^aof_buffer_length:0\r$/m.test(await redis.info("persistence")),
  );
