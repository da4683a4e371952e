/** Whether this is the long run, script/eventstore-soak. */
export const soak = process.env.EVENTSTORE_SOAK === "1";

/** How much of something a test does: `fast` with all other tests, `long` in the long run. */
export function scaled(fast: number, long: number): number {
  return soak ? long : fast;
}

/** The seed of a run's random choices; EVENTSTORE_SEED repeats one. It is printed, so that a failure can be. */
export const seed = Number(process.env.EVENTSTORE_SEED ?? Date.now() % 1_000_000);

/** Random numbers from 0 up to `below`, the same for the same seed (mulberry32). */
export function randomFrom(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
