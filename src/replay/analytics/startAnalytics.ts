import { withAdvisoryLock } from "../../platform/advisoryLock.ts";
import { repeatUntilClosed } from "../../platform/repeatUntilClosed.ts";
import { readPublished, viewsAsked, viewsToMake } from "./published.ts";
import { type AnalyticsDependencies, refreshAnalytics } from "./refresh.ts";

/** The interval of the checks whether a snapshot is due, and the maximum age of a snapshot, in milliseconds. */
const lookEveryMs = 1_000;
const refreshEveryMs = 10_000;
/** The longest pause after refreshes that failed, in milliseconds: each reads the log and may fill the disk. */
const longestPauseMs = 60_000;
/** The time (ms) after a request for which views are computed. */
const askedWithinMs = 10 * 60_000;

/**
 * Publishes the predefined views repeatedly while any is requested, the large ones while they themselves are, unless
 * another process does. Runs until `close`.
 */
export function startAnalytics(deps: AnalyticsDependencies, every = lookEveryMs): { close(): Promise<void> } {
  const { pool, folder, logger } = deps;

  /** The views that are to be made; undefined if what there is will do. */
  const due = async () => {
    const asked = viewsToMake(await viewsAsked(folder, askedWithinMs));
    const current = await readPublished(folder);
    const isYoung = current !== undefined && Date.now() - Date.parse(current.at) <= refreshEveryMs;
    const hasAll = asked.every((view) => current?.views.includes(view));
    return asked.length === 0 || (isYoung && hasAll) ? undefined : asked;
  };
  const publish = async (closing: AbortSignal) => {
    try {
      if ((await due()) === undefined) return;
      await withAdvisoryLock(pool, "analytics", async ({ lost }) => {
        const views = await due();
        if (views !== undefined) await refreshAnalytics(deps, views, AbortSignal.any([closing, lost]));
      });
    } catch (error) {
      if (!closing.aborted) throw error;
    }
  };
  return repeatUntilClosed(publish, {
    everyMs: every,
    longestMs: longestPauseMs,
    onFailure: (error) => logger.warn({ err: error }, "cannot publish the analytics; retrying"),
  });
}
