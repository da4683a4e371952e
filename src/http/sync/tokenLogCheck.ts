import { LRUCache } from "lru-cache";
import { withTimeout } from "../../platform/withTimeout.ts";
import { eventFingerprint, type SyncToken } from "./syncToken.ts";

/**
 * Resolves with whether an event that `isSame` recognises by its id stands at a position of the log, or stood there before a
 * scavenge.
 */
export type IsInLog = (position: bigint, isSame: (eventId: string) => boolean) => Promise<boolean>;

/** Positions that are known to be of this log: a client mostly comes back with the token that it got from this process. */
const maxKnown = 50_000;
/** Maximum time for an answer of the log; after that it counts as unavailable. */
const patienceMs = 2_000;

/** A point of the log that a token names, and the build of `changes` that it is asked for: a log that was restored has another one. */
type Point = Pick<SyncToken, "position" | "mark"> & { readonly build: string | undefined };

/**
 * Tells whether the position of a token is of this log and not of one that was lost in a restore. Only what this process neither issued nor
 * found before is looked up in the log, by reading one event.
 */
export function createTokenLogCheck(isInLog: IsInLog) {
  const known = new LRUCache<string, true>({ max: maxKnown });
  const nameOf = ({ position, mark, build }: Point) => `${build} ${position} ${mark}`;
  const note = (point: Point): void => {
    if (point.mark !== undefined && point.build !== undefined) known.set(nameOf(point), true);
  };
  return {
    /** Notes a point that this process issues. */
    note,
    /** `unknown` while the log does not answer. Tokens without a mark are taken as they are. */
    async check(point: Point): Promise<"this" | "another" | "unknown"> {
      const { position, mark } = point;
      if (mark === undefined || known.get(nameOf(point))) return "this";
      const isSame = (eventId: string) => eventFingerprint(eventId) === mark;
      const isThere = await withTimeout(isInLog(position, isSame), patienceMs).catch(() => undefined);
      if (isThere === undefined) return "unknown";
      if (isThere) note(point);
      return isThere ? "this" : "another";
    },
  };
}
