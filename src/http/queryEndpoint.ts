import { z } from "zod";
import { type ConsistencyToken, decodeConsistencyTokens } from "../domain/consistencyToken.ts";
import { type ConcurrencyLimit, unlimited } from "../platform/concurrencyLimit.ts";
import {
  type Access,
  type CheckedRequest,
  type Declaration,
  type Endpoint,
  endpoint,
  type Nothing,
  type ReadModelName,
} from "./endpoint.ts";
import { type ProblemCode, RequestProblem } from "./problems.ts";
import type { Costly } from "./queryLimits.ts";
import { RawJson } from "./rawJson.ts";
import type { Question, ResponseCache, Source } from "./responseCacheTypes.ts";

const requestHeaders = z.object({
  "Consistency-Token": z
    .string()
    .transform((header, context) => {
      const tokens = decodeConsistencyTokens(header);
      if (tokens !== undefined) return tokens;
      context.addIssue("must be a token of a command's answer, or several joined by commas");
      return z.NEVER;
    })
    .optional(),
});

/** The parts of a request that a query's functions receive. */
type Asked<A extends Access, Params extends z.ZodType, Query extends z.ZodType> = Pick<
  CheckedRequest<A, z.output<Params>, z.output<Query>, unknown, unknown>,
  "params" | "query" | "readerId"
>;

type QueryDeclaration<
  A extends Access,
  Response extends z.ZodType,
  Params extends z.ZodType,
  Query extends z.ZodType,
> = Pick<
  Declaration<A, Params, Query, typeof requestHeaders, z.ZodType, Response>,
  "path" | "access" | "summary" | "description" | "params" | "query" | "response" | "problems"
> & {
  /** The read models that the query reads; a Consistency-Token waits for these. */
  readonly reads: readonly ReadModelName[];
  /** The partition key of the rows, by read model. Without it a response depends on all rows. */
  keysOf?(request: Asked<A, Params, Query>): Partial<Record<ReadModelName, string>>;
  /** Like `keysOf`, if only the response shows the keys. `shown` comes from RawJson. */
  keysIn?(
    shown: readonly string[],
    request: Asked<A, Params, Query>,
  ): Partial<Record<ReadModelName, readonly string[]>>;
  /** For how many milliseconds a response may lag behind a read model. */
  readonly maxAgeMs?: Partial<Record<ReadModelName, number>>;
  /**
   * The maximum time for which a response is cached, in milliseconds, if it depends on the time or on data that no event
   * reports.
   */
  readonly keepForMs?: number;
  /** Only a few such responses are computed at once; by default open queries that read a read model as a whole are costly lists. */
  readonly costly?: Costly | false;
  /** The response also depends on data that no event reports, and must be current: it is not cached. */
  readonly uncached?: true;
  handle(request: Asked<A, Params, Query>): Promise<z.input<Response> | RawJson>;
};

/** Headers of a response for one account: cached only by its client, and always revalidated. */
export const privateCaching = { "Cache-Control": "private, no-cache", Vary: "Authorization" } as const;

/**
 * Declares an endpoint for a query of read models. Clients may cache the response and revalidate it (`If-None-Match`). The
 * response cache reuses it until a read model that it was computed from changes, and computes it once for concurrent requests. Of
 * one reader only a few are computed at once. The response to a request with a `Consistency-Token` states whether it is current.
 */
export function queryEndpoint<
  A extends Access,
  Response extends z.ZodType,
  Params extends z.ZodType = Nothing,
  Query extends z.ZodType = Nothing,
>(declaration: QueryDeclaration<A, Response, Params, Query>): Endpoint {
  const { reads, handle } = declaration;
  const caching = declaration.access === "open" ? { "Cache-Control": "no-cache" } : privateCaching;
  return endpoint({
    ...declaration,
    method: "get",
    headers: requestHeaders,
    problems: [...declaration.problems, ...problemsOfReading(declaration)],
    answerHeaders: ["ETag", ...(reads.length === 0 ? [] : (["Consistency"] as const))],
    async handle(request) {
      const compute = async () => {
        const answer = await handle(request);
        return answer instanceof RawJson ? answer : new RawJson(JSON.stringify(answer));
      };
      if (reads.length === 0) return uncached(caching, unlimited, compute);
      const { responseCache, queryLimits, params, query, waitFor, areLive } = request.incoming;
      if (!(await areLive(reads))) {
        throw new RequestProblem("read_model_not_live", `One of ${reads.join(", ")} is being built. Repeat it later.`);
      }
      const tokens = request.headers["Consistency-Token"];
      const waited = tokens && (await waitFor(reads, tokens));
      const keys = declaration.keysOf?.(request);
      const sources = sourcesOf(declaration, keys);
      const limit = queryLimits({ readerId: request.readerId, costly: costOf(declaration, sources) });
      if (responseCache === undefined || declaration.uncached) return uncached(caching, limit, compute, waited);
      const question = {
        name: JSON.stringify([declaration.path, request.readerId, params, query]),
        sources,
        async make() {
          const { text, shown } = await compute();
          const found = declaration.keysIn?.(shown, request);
          return { text, sources: found ? sourcesOf(declaration, { ...keys, ...found }) : sources };
        },
        limit,
        keepForMs: declaration.keepForMs,
      };
      return fromCache(caching, responseCache, question, tokens ?? [], waited);
    },
  });
}

type ResponseHeaders = Readonly<Record<string, string>>;

/** Computes the response. `waited`: whether it is current, if the request had tokens. */
async function uncached(
  caching: ResponseHeaders,
  limit: ConcurrencyLimit,
  compute: () => Promise<RawJson>,
  waited?: "current" | "stale",
) {
  const { text } = await limit(compute);
  const headers = waited ? { ...caching, Consistency: waited } : caching;
  return { headers, contentType: "application/json", body: Buffer.from(text) };
}

/** The response of the cache, which may lack what the tokens name although the read models include it. */
async function fromCache(
  caching: ResponseHeaders,
  cache: ResponseCache,
  question: Question,
  tokens: readonly ConsistencyToken[],
  waited?: "current" | "stale",
) {
  const { json, etag, consistency } = await cache.get(question, tokens);
  const stated = waited && { Consistency: waited === "current" ? consistency : waited };
  return { headers: { ...caching, ...stated, ETag: etag }, contentType: "application/json", body: json };
}

type Cost = { readonly access: Access; readonly costly?: Costly | false };

/** Clients can request an unlimited number of lists (cursors); the rows of one book or reader are found by an index. */
function costOf({ access, costly }: Cost, sources: readonly Source[]): Costly | undefined {
  if (costly !== undefined) return costly || undefined;
  return access === "open" && sources.some(({ key }) => key === undefined) ? "list" : undefined;
}

function problemsOfReading(declaration: Cost & { readonly reads: readonly ReadModelName[] }): readonly ProblemCode[] {
  if (declaration.reads.length === 0) return [];
  const mayWait = declaration.access !== "open" || costOf(declaration, sourcesOf(declaration)) !== undefined;
  return mayWait ? ["read_model_not_live", "server_busy"] : ["read_model_not_live"];
}

function sourcesOf(
  {
    reads,
    maxAgeMs,
  }: { readonly reads: readonly ReadModelName[]; readonly maxAgeMs?: Partial<Record<string, number>> },
  keys: Partial<Record<ReadModelName, string | readonly string[]>> = {},
): readonly Source[] {
  return reads.flatMap((readModel) => {
    const ofRows = keys[readModel];
    const list = typeof ofRows === "object" ? ofRows : [ofRows];
    return list.map((key) => ({ readModel, key, maxAgeMs: maxAgeMs?.[readModel] }));
  });
}
