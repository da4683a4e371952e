import { join } from "node:path";
import { isErased } from "../auth/erasure/isErased.ts";
import type { EventStore } from "../event-store/types.ts";
import type { ReplayDependencies } from "../http/replay/endpoints.ts";
import type { NamedKey } from "../platform/config.ts";
import type { Logger } from "../platform/logger.ts";
import type { Pool } from "../platform/postgres.ts";
import { createAnalytics } from "../replay/analytics/answerView.ts";
import { analyticsFolder } from "../replay/analytics/published.ts";
import { readPast } from "../replay/asOf/readPast.ts";
import { createDayPositions } from "../replay/dayPositions.ts";
import type { ReplayQueue } from "../replay/jobs/queue.ts";
import { createReplays } from "../replay/jobs/replays.ts";
import { createReaderNames } from "../replay/pseudonyms.ts";
import { resolveRange } from "../replay/range.ts";
import { createErasedSoFar } from "../replay/stream/erasedSoFar.ts";
import { eventLines } from "../replay/stream/eventLines.ts";
import { duckLimits } from "./duckLimits.ts";

export type ReplayParts = {
  readonly pool: Pool;
  readonly eventStore: EventStore;
  readonly logger: Logger;
  /** The keys in PSEUDONYM_KEYS; undefined: no exports. */
  readonly keys: readonly NamedKey[] | undefined;
  /** Returns whether an account is marked as erased, as far as this process knows. */
  readonly isErased: (readerId: string) => boolean;
  readonly closing: AbortSignal;
  /** Where workers write the files of replays. */
  readonly folder: string;
  readonly queue: ReplayQueue;
};

/** The dependencies of the analysts' endpoints. */
export function replayOf(parts: ReplayParts): ReplayDependencies {
  const { pool, eventStore, logger, keys, isErased: isMarked, closing, folder, queue } = parts;
  const erasedSoFar = createErasedSoFar({ eventStore, pool });
  const dayPositions = createDayPositions(pool);
  return {
    pool,
    closing,
    folder,
    replays: createReplays(pool),
    announce: queue.announce,
    canExport: keys !== undefined,
    answerView: keys && createAnalytics(join(folder, analyticsFolder), undefined, duckLimits()),
    readPast: (readerId, at) => readPast(eventStore, readerId, at),
    isErased: (readerId) => isErased(pool, readerId),
    audit: (look) => logger.info({ audit: look }, "an analyst reads the log"),
    async positionOf(from, signal) {
      if (from.moment.kind === "position") {
        const { position } = from.moment;
        // The event there may be gone by a scavenge: then the log continues with a later one, and can be read from there.
        return (await eventStore.readLogAt(position)) === undefined ? "nowhere" : position;
      }
      const { after } = await resolveRange(eventStore, dayPositions, { from, to: undefined }, { signal });
      return after === null ? undefined : BigInt(after);
    },
    eventLines:
      keys === undefined
        ? undefined
        : (asked, signal) => {
            let erased: ReadonlySet<string> = new Set();
            const knowsErased = async () => {
              erased = await erasedSoFar();
            };
            const names = createReaderNames(pool, keys, null);
            const hidden = (readerId: string) => erased.has(readerId) || isMarked(readerId);
            return eventLines({ eventStore, names, isErased: hidden, knowsErased }, asked, signal);
          },
  };
}
