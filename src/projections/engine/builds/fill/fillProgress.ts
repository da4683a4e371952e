import type { EventStore } from "../../../../event-store/types.ts";
import type { Logger } from "../../../../platform/logger.ts";
import { beforeTheLog } from "../../core/batch.ts";
import type { Build } from "../../core/build.ts";
import { highestPosition } from "../../core/positions.ts";
import type { BuildCatalog } from "../../ports/buildCatalog.ts";

/** How often the progress is recorded, in milliseconds. */
const reportEveryMs = 500;

/** Counts the folded events of a fill, and how far the log was read. */
export function openFillProgress(
  {
    catalog,
    eventStore,
    logger,
  }: {
    readonly catalog: Pick<BuildCatalog, "reportProgress">;
    readonly eventStore: Pick<EventStore, "readLogEnd">;
    readonly logger: Logger;
  },
  build: Build,
) {
  let events = 0;
  let position = beforeTheLog;
  let reportedAt = Number.NEGATIVE_INFINITY;
  return {
    add(count: number, readTo: bigint): void {
      events += count;
      if (readTo > position) position = readTo;
    },
    /** What was counted is folded again. */
    takeBack(count: number): void {
      events -= count;
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
        logger.warn({ err: error, build: build.name }, "the progress of a fill could not be written down");
      }
    },
  };
}
export type FillProgressCounter = ReturnType<typeof openFillProgress>;
