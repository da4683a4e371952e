import { setTimeout as sleep } from "node:timers/promises";
import { withAdvisoryLock } from "../../platform/advisoryLock.ts";
import type { Logger } from "../../platform/logger.ts";
import type { ExportDeps } from "../export/runExport.ts";
import { lastAsked, readPublished } from "./published.ts";
import { refreshAnalytics } from "./refresh.ts";

/** How often it is looked whether a snapshot is due, and how old one may become, in milliseconds. */
const lookEveryMs = 1_000;
const refreshEveryMs = 10_000;
/** Snapshots are made for as long after somebody asked. */
const askedWithinMs = 10 * 60_000;

/** Publishes the ready views anew while somebody asks for them, if no other process does. Until `close`. */
export function startAnalytics(
  deps: ExportDeps & { readonly folder: string; readonly logger: Logger },
  every = lookEveryMs,
): { close(): Promise<void> } {
  const { pool, folder, logger } = deps;
  const stop = new AbortController();
  const { signal } = stop;

  const isDue = async () => {
    const asked = await lastAsked(folder);
    if (asked === undefined || Date.now() - asked.getTime() > askedWithinMs) return false;
    const current = await readPublished(folder);
    return current === undefined || Date.now() - Date.parse(current.at) > refreshEveryMs;
  };
  const run = async () => {
    while (!signal.aborted) {
      try {
        if (await isDue())
          await withAdvisoryLock(pool, "analytics", async () => {
            if (await isDue()) await refreshAnalytics(deps, signal);
          });
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error }, "the analytics could not be published");
      }
      await sleep(every, undefined, { signal }).catch(() => {});
    }
  };
  const running = run();
  return {
    async close() {
      stop.abort(new Error("the process ends"));
      await running;
    },
  };
}
