import type { ConsistencyToken } from "../domain/consistencyToken.ts";
import type { ConcurrencyLimit } from "../platform/concurrencyLimit.ts";
import type { ReadModelName } from "../projections/registry.ts";

/**
 * The data that a response depends on: the rows of one partition key of a read model (a reader or a book), or all its rows.
 * With `maxAgeMs` a response may be reused for this time after a change.
 */
export type Source = {
  readonly readModel: ReadModelName;
  readonly key?: string | undefined;
  readonly maxAgeMs?: number | undefined;
};

/** A cacheable request. Requests with the same name have the same response. */
export type Question = {
  readonly name: string;
  /** The sources, as far as they are known before the response is computed. */
  readonly sources: readonly Source[];
  /** Computes the response from the read models, as JSON, with its sources. */
  make(): Promise<{ readonly text: string; readonly sources: readonly Source[] }>;
  /** The limit of such responses that are computed at once. */
  readonly limit: ConcurrencyLimit;
  /** The maximum time for which a response is cached, if it also depends on the time. */
  readonly keepForMs?: number | undefined;
};

/** A cache of responses, which also coalesces concurrent computations. */
export type ResponseCache = {
  /**
   * The cached response while its sources are unchanged, or one being computed if none changed since; otherwise the result of
   * `make`. It includes all changes that the progress tracker had seen before the call, except to sources with a `maxAgeMs`.
   * `consistency` is `stale` if it may lack something that `tokens` name. Rejects as `make` and
   * `limit` do.
   */
  get(
    question: Question,
    tokens: readonly ConsistencyToken[],
  ): Promise<CachedResponse & { readonly consistency: "current" | "stale" }>;
};

/** The bytes of a JSON response, and its entity tag. */
export type CachedResponse = { readonly json: Buffer; readonly etag: string };
