import { setTimeout as sleep } from "node:timers/promises";

/** Maximum time until the end of a stream is readable, and the first pause between two reads; the pause doubles. */
const tailPatienceMs = 2_000;
const firstPauseMs = 5;

/** Reads repeatedly until there is a result; undefined if there is none in time. */
export async function onceReadable<Read>(read: () => Promise<Read | undefined>): Promise<Read | undefined> {
  const giveUpAt = Date.now() + tailPatienceMs;
  for (let pause = firstPauseMs; ; pause *= 2) {
    const found = await read();
    if (found !== undefined || Date.now() + pause > giveUpAt) return found;
    await sleep(pause);
  }
}
