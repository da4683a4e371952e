import { inTime } from "../../platform/inTime.ts";
import type { Readiness } from "./endpoints.ts";

/** A dependency that answers later than this is as good as away. */
const patienceMs = 2_000;

/**
 * Asks every dependency and the read models at the same time. Each `ping` resolves when its dependency answers; a
 * rejection or two seconds of silence count as down.
 */
export function createReadiness(
  pings: Readonly<Record<string, () => Promise<unknown>>>,
  readModelsNow: () => Promise<Pick<Readiness, "ready" | "readModels">>,
): () => Promise<Readiness> {
  return async () => {
    const [readModels, ...states] = await Promise.all([
      inTime(readModelsNow(), patienceMs).catch(() => ({ ready: false, readModels: {} })),
      ...Object.entries(pings).map(async ([name, ping]) => {
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
  };
}
