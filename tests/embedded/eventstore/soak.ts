import { mulberry32 } from "../../support/random.ts";

/** Whether this is the long run, script/eventstore-soak. */
export const soak = process.env.EVENTSTORE_SOAK === "1";

/** The amount of work of a test: `fast` with all other tests, `long` in the long run. */
export function scaled(fast: number, long: number): number {
  return soak ? long : fast;
}

/** The seed of a run's random choices; EVENTSTORE_SEED sets it. It is printed, so that a failure can be repeated. */
export const seed = Number(process.env.EVENTSTORE_SEED ?? Date.now() % 1_000_000);

/** Random whole numbers from 0 up to `below`, the same for the same seed. */
export function randomFrom(start: number): (below: number) => number {
  const next = mulberry32(start);
  return (below) => Math.floor(next() * below);
}
