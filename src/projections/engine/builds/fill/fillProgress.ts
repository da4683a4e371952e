import type { EventStore, RecordedEvent } from "../../../../event-store/types.ts";
import type { Logger } from "../../../../platform/logger.ts";
import { beforeTheLog } from "../../core/batch.ts";
import type { Build } from "../../core/build.ts";
import { highestPosition } from "../../core/positions.ts";
import type { BuildCatalog } from "../../ports/buildCatalog.ts";

/** The interval at which the progress is recorded, in milliseconds. */
const reportEveryMs = 500;

/**
 * Counts the folded events of a fill, each once, and how far the log was read; from where an earlier part of the fill has recorded them. What
 * was counted and is folded again, because it was not written, does not count again.
 */
export async function openFillProgress(
  {
    catalog,
    eventStore,
    logger,
  }: {
    readonly catalog: Pick<BuildCatalog, "reportProgress" | "list">;
    readonly eventStore: Pick<EventStore, "readLogEnd">;
    readonly logger: Logger;
  },
  build: Build,
) {
  const known = (await catalog.list()).find(({ name }) => name === build.name)?.fillProgress;
  let events = known?.events ?? 0;
  let position = known?.position ?? beforeTheLog;
  let countedTo = position;
  let reportedAt = Number.NEGATIVE_INFINITY;
  return {
    add(folded: readonly RecordedEvent[]): void {
      events += folded.filter((event) => event.position > countedTo).length;
      const last = folded.at(-1)?.position;
      if (last !== undefined && last > countedTo) countedTo = last;
      if (countedTo > position) position = countedTo;
    },
    /** All events up to here were added. */
    readTo(end: bigint): void {
      if (end > position) position = end;
    },
    async report(now: boolean): Promise<void> {
      if (!now && performance.now() - reportedAt < reportEveryMs) return;
      reportedAt = performance.now();
      try {
        const end = (await eventStore.readLogEnd()) ?? beforeTheLog;
        const head = highestPosition([{ position: end }, { position }]);
        await catalog.reportProgress(build, { position, events, head });
      } catch (error) {
        // Folding matters more than reporting it.
        logger.warn({ err: error, build: build.name }, "cannot record the progress of a fill");
      }
    },
  };
}
export type FillProgressCounter = Awaited<ReturnType<typeof openFillProgress>>;
