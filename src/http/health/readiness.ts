import { cachedFor, singleFlight } from "../../platform/singleFlight.ts";
import { withTimeout } from "../../platform/withTimeout.ts";
import type { Readiness } from "./endpoints.ts";

/** A dependency that takes longer counts as down. */
const timeoutMs = 2_000;

/** Time for which a result is reused: for any number of clients, dependencies are checked once a second. */
const maxAgeMs = 1_000;

type Pings = Readonly<Record<string, () => Promise<unknown>>>;

/**
 * Checks all dependencies and read models in parallel. A `ping` resolves when its dependency answers; a rejection or two
 * seconds without an answer count as down. Dependencies in `partial` are reported, but do not affect readiness, because only a
 * part of the API needs them. Results are shared and up to a second old. A hanging ping is not repeated until it ends, so that
 * it occupies one connection and not one per second.
 */
export function createReadiness(
  pings: Pings,
  readModelsNow: () => Promise<Pick<Readiness, "ready" | "readModels">>,
  partial: Pings = {},
  now?: () => number,
): () => Promise<Readiness> {
  const readModelsOnce = singleFlight(readModelsNow);
  const pingsOnce = Object.entries({ ...pings, ...partial }).map(([name, ping]) => [name, singleFlight(ping)] as const);
  return cachedFor(
    maxAgeMs,
    async () => {
      const [readModels, ...states] = await Promise.all([
        withTimeout(readModelsOnce(), timeoutMs).catch(() => ({ ready: false, readModels: {} })),
        ...pingsOnce.map(async ([name, ping]) => {
          const state = await withTimeout(ping(), timeoutMs).then(
            () => "up" as const,
            () => "down" as const,
          );
          return [name, state] as const;
        }),
      ]);
      return {
        ready: readModels.ready && states.every(([name, state]) => state === "up" || Object.hasOwn(partial, name)),
        dependencies: Object.fromEntries(states),
        readModels: readModels.readModels,
      };
    },
    now,
  );
}
