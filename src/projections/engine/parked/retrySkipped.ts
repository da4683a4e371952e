import { createConcurrencyLimit } from "../../../platform/concurrencyLimit.ts";
import type { Logger } from "../../../platform/logger.ts";
import { nextTick } from "../../../platform/tick.ts";
import type { Build } from "../core/build.ts";
import { lowestPosition } from "../core/positions.ts";
import { readSkips } from "../log/skips.ts";
import { openKeylessEvents } from "./keylessEvents.ts";
import { type RetryDependencies, retryParked } from "./retry.ts";

/** Retries of this process at once, of all builds: hundreds would keep the connections of the pool from everything else. */
const few = createConcurrencyLimit({ max: 2 });

/**
 * Retries, every `everyMs` until stopped, the keys of a build whose first parked event is skipped: a build may park an event
 * that was skipped during its fill or while the batch was queued, and the process that skipped it may have died before the
 * retries. Never rejects.
 */
export async function retrySkippedKeys(
  dependencies: RetryDependencies & { readonly logger: Logger },
  build: Build,
  everyMs: number,
  stop: AbortSignal,
): Promise<void> {
  const { logger } = dependencies;
  while (!stop.aborted) {
    try {
      for (const retried of await retrySkipped(dependencies, build, stop)) {
        logger.info(retried, "retried a key that a skipped event had parked");
      }
    } catch (error) {
      if (!stop.aborted)
        logger.warn({ err: error, build: build.name }, "cannot retry keys with skipped events; retrying");
    }
    await nextTick(everyMs, stop);
  }
}

/** Rejects when all retries have ended, if one of them rejects. */
async function retrySkipped(dependencies: RetryDependencies, build: Build, stop: AbortSignal) {
  const { store, eventStore, codec } = dependencies;
  // The store reads the checkpoints of all builds that are asked for at one tick in one statement.
  if ((await store.checkpoints(build)).every(({ parkedKeys }) => parkedKeys === 0)) return [];
  const parked = await store.parkedKeys(build);
  const skipped = await readSkips(eventStore, codec, build.readModel.name);
  const found = parked.filter(({ eventId }) => skipped.has(eventId));
  const keys = new Set(found.map(({ key }) => key));
  const first = found.length === 0 ? undefined : lowestPosition(found);
  const keyless = openKeylessEvents(eventStore, build.readModel, { first, signal: stop });
  const retry = async (key: string) => {
    stop.throwIfAborted();
    return retryParked(dependencies, build, key, keyless);
  };
  const retries = [...keys].map((key) => few(() => retry(key)));
  await Promise.allSettled(retries);
  return (await Promise.all(retries)).flat();
}
