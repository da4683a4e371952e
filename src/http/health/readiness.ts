import { inTime } from "../../platform/inTime.ts";
import { sharedFor, singleFlight } from "../../platform/shared.ts";
import type { Readiness } from "./endpoints.ts";

/** A dependency that answers later than this is as good as away. */
const patienceMs = 2_000;

/** Whoever asks within a second of an answer gets that one: however many ask, the dependencies see one question a second. */
const keptMs = 1_000;

/**
 * Asks every dependency and the read models at the same time. Each `ping` resolves when its dependency answers; a
 * rejection or two seconds of silence count as down. Answers are shared and up to a second old. A ping that hangs is not
 * repeated until it ends: it holds one connection, not one a second.
 */
export function createReadiness(
  pings: Readonly<Record<string, () => Promise<unknown>>>,
  readModelsNow: () => Promise<Pick<Readiness, "ready" | "readModels">>,
  now?: () => number,
): () => Promise<Readiness> {
  const readModelsOnce = singleFlight(readModelsNow);
  const pingsOnce = Object.entries(pings).map(([name, ping]) => [name, singleFlight(ping)] as const);
  return sharedFor(
    keptMs,
    async () => {
      const [readModels, ...states] = await Promise.all([
        inTime(readModelsOnce(), patienceMs).catch(() => ({ ready: false, readModels: {} })),
        ...pingsOnce.map(async ([name, ping]) => {
          const state = await inTime(ping(), patienceMs).then(
            () => "up" as const,
            () => "down" as const,
          );
          return [name, state] as const;
        }),
      ]);
      return {
        ready: readModels.ready && states.every(([, state]) => state === "up"),
        dependencies: Object.fromEntries(states),
        readModels: readModels.readModels,
      };
    },
    now,
  );
}
