import { inTime } from "../../platform/inTime.ts";
import { sharedFor, singleFlight } from "../../platform/shared.ts";
import type { Readiness } from "./endpoints.ts";

/** A dependency that answers later than this is as good as away. */
const patienceMs = 2_000;

/** Whoever asks within a second of an answer gets that one: however many ask, the dependencies see one question a second. */
const keptMs = 1_000;

type Pings = Readonly<Record<string, () => Promise<unknown>>>;

/**
 * Asks every dependency and the read models at the same time. Each `ping` resolves when its dependency answers; a
 * rejection or two seconds of silence count as down. Those of `partial` are shown, but what they are needed for is a part of the API
 * only: without them the process is still ready. Answers are shared and up to a second old. A ping that hangs is not
 * repeated until it ends: it holds one connection, not one a second.
 */
export function createReadiness(
  pings: Pings,
  readModelsNow: () => Promise<Pick<Readiness, "ready" | "readModels">>,
  partial: Pings = {},
  now?: () => number,
): () => Promise<Readiness> {
  const readModelsOnce = singleFlight(readModelsNow);
  const pingsOnce = Object.entries({ ...pings, ...partial }).map(([name, ping]) => [name, singleFlight(ping)] as const);
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
        ready: readModels.ready && states.every(([name, state]) => state === "up" || Object.hasOwn(partial, name)),
        dependencies: Object.fromEntries(states),
        readModels: readModels.readModels,
      };
    },
    now,
  );
}
