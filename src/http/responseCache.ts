import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { ConsistencyToken } from "../domain/consistencyToken.ts";
import type { ReadModelName } from "../projections/registry.ts";
import type { CachedResponse, ResponseCache, Source } from "./responseCacheTypes.ts";
import { createSharedComputations } from "./sharedComputations.ts";

/** Reports changes by number: the progress tracker of the projections. */
type Changes = {
  now(): number | undefined;
  unchangedSince(change: number, sources: readonly Source[]): boolean;
};

/** The last change that a response certainly includes (undefined while changes may go unnoticed), and when that was determined. */
type AsOf = { readonly change: number | undefined; readonly at: number };

type Made = CachedResponse & { readonly sources: readonly Source[]; asOf: AsOf };

/** The overhead of an entry besides its JSON and name; measured on Node 20.20 as resident memory: 1,000 to 1,600. */
const bytesOfEntry = 1_500;
/** An object of three fields and, usually, a key of twelve characters. */
const bytesOfSource = 100;

/**
 * An LRU cache of responses with at most `maxBytes`, each valid while its sources do not change. `keysOfToken` returns the
 * partition keys of a read model that a token names, undefined for any of them. `onLookup` is called for each lookup; joining a computation in progress
 * counts as a hit.
 */
export function createResponseCache(options: {
  readonly changes: Changes;
  keysOfToken(readModel: ReadModelName, token: ConsistencyToken): readonly (string | undefined)[];
  readonly maxBytes: number;
  readonly onLookup?: (result: "hit" | "miss") => void;
  /** A monotonic clock in milliseconds. */
  readonly clock?: () => number;
}): ResponseCache {
  const { changes, keysOfToken, maxBytes, onLookup, clock = () => performance.now() } = options;
  const answers = new LRUCache<string, Made>({
    maxSize: maxBytes,
    sizeCalculation: ({ json, sources }, name) =>
      bytesOfEntry + bytesOfSource * sources.length + json.length + name.length,
    perf: { now: clock },
    ttlResolution: 0,
  });
  const asOfNow = (): AsOf => ({ change: changes.now(), at: clock() });
  const shareComputation = createSharedComputations<AsOf, Made>(asOfNow);

  /** `exact` if nothing changed; `recent` if only changes happened that the response may lack for a while, recently enough. */
  const stateOf = ({ change, at }: AsOf, sources: readonly Source[]): "exact" | "recent" | "outdated" => {
    const now = changes.now();
    if (change === undefined || now === undefined) return "outdated";
    if (change === now) return "exact";
    const changed = sources.filter((source) => !changes.unchangedSince(change, [source]));
    if (changed.length === 0) return "exact";
    const age = clock() - at;
    return changed.every(({ maxAgeMs = 0 }) => age < maxAgeMs) ? "recent" : "outdated";
  };

  const known = (name: string): Made | undefined => {
    const answer = answers.get(name);
    if (answer === undefined) return undefined;
    const state = stateOf(answer.asOf, answer.sources);
    // Equal to what would be computed now, so later changes are compared with that.
    if (state === "exact") answer.asOf = asOfNow();
    return state === "outdated" ? undefined : answer;
  };

  /** A computation that started earlier may end later. */
  const keep = (name: string, made: Made, keepForMs: number | undefined) => {
    const { change } = made.asOf;
    if (change === undefined || change < (answers.peek(name)?.asOf.change ?? 0)) return;
    answers.set(name, made, keepForMs === undefined ? {} : { ttl: keepForMs });
  };

  const misses = ({ sources, asOf: { change } }: Made, token: ConsistencyToken): boolean =>
    change !== undefined &&
    sources.some(({ readModel, key, maxAgeMs }) => {
      if (maxAgeMs === undefined) return false;
      const named = keysOfToken(readModel, token).filter((name) => [key, name].includes(undefined) || key === name);
      return !changes.unchangedSince(
        change,
        named.map((name) => ({ readModel, key: name ?? key })),
      );
    });

  return {
    async get({ name, sources, make, limit, keepForMs }, tokens) {
      const answerOf = (made: Made) => ({
        json: made.json,
        etag: made.etag,
        consistency: tokens.some((token) => misses(made, token)) ? ("stale" as const) : ("current" as const),
      });
      const hit = known(name);
      if (hit !== undefined) {
        onLookup?.("hit");
        return answerOf(hit);
      }
      const { result, isShared } = shareComputation({
        name,
        isGood: (begun) => stateOf(begun, sources) !== "outdated",
        limit,
        async make(asOf) {
          const { text, sources } = await make();
          const json = ownBytes(text);
          const etag = `"${createHash("sha1").update(json).digest("base64url")}"`;
          const made: Made = { json, etag, sources, asOf };
          keep(name, made, keepForMs);
          return made;
        },
      });
      onLookup?.(isShared ? "hit" : "miss");
      return answerOf(await result);
    },
  };
}

/** Buffer.from allocates short buffers from a shared block of 8 KiB, all of which would be retained. */
function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
