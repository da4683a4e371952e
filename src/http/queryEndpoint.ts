import { z } from "zod";
import { decodeConsistencyTokens } from "../domain/consistencyToken.ts";
import {
  type Access,
  type CheckedRequest,
  type Declaration,
  type Endpoint,
  endpoint,
  type ReadModelName,
  type Source,
} from "./endpoint.ts";
import { MadeJson } from "./madeJson.ts";
import { RequestProblem } from "./problems.ts";

const headers = z.object({
  "Consistency-Token": z
    .string()
    .transform((header, context) => {
      const written = decodeConsistencyTokens(header);
      if (written !== undefined) return written;
      context.addIssue("must be a token of a command's answer, or several joined by commas");
      return z.NEVER;
    })
    .optional(),
});

/** The parts of a request that a query's functions get. */
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
  Declaration<A, Params, Query, typeof headers, z.ZodType, Response>,
  "path" | "access" | "summary" | "description" | "params" | "query" | "response" | "problems"
> & {
  /** The read models that the query reads: with a Consistency-Token it waits for these. */
  readonly reads: readonly ReadModelName[];
  /** The partition key of the rows, by read model. Without it a response depends on all rows. */
  keysOf?(request: Asked<A, Params, Query>): Partial<Record<ReadModelName, string>>;
  /** The same, if only the response shows the keys. `shown` comes from MadeJson. */
  keysIn?(
    shown: readonly string[],
    request: Asked<A, Params, Query>,
  ): Partial<Record<ReadModelName, readonly string[]>>;
  /** By how many milliseconds a response may lag behind a read model. */
  readonly lenient?: Partial<Record<ReadModelName, number>>;
  /** For how many milliseconds a response is kept at most: one that depends on the time, or on what no read model tells of. */
  readonly keepForMs?: number;
  /** Not many such responses are computed at once, although they are of one book. */
  readonly isCostly?: true;
  /** The response shows also what no read model tells of, and must not be of before: it is not kept. */
  readonly isKept?: false;
  handle(request: Asked<A, Params, Query>): Promise<z.input<Response> | MadeJson>;
};

const nothing = z.strictObject({});

/** Headers of a response for one account: cached by its client only, and revalidated each time. */
export const privateCaching = { "Cache-Control": "private, no-cache", Vary: "Authorization" } as const;

/**
 * An endpoint for a query of read models. Clients may cache the response and revalidate it (`If-None-Match`). The response cache
 * keeps it until a read model that it was computed from changes, and computes it once for concurrent requests. The response to a
 * request with a `Consistency-Token` says whether it is current.
 */
export function queryEndpoint<
  A extends Access,
  Response extends z.ZodType,
  Params extends z.ZodType = typeof nothing,
  Query extends z.ZodType = typeof nothing,
>(declaration: QueryDeclaration<A, Response, Params, Query>): Endpoint {
  const { reads, handle } = declaration;
  const caching = declaration.access === "open" ? { "Cache-Control": "no-cache" } : privateCaching;
  return endpoint({
    ...declaration,
    method: "get",
    headers,
    problems: reads.length === 0 ? declaration.problems : [...declaration.problems, "read_model_not_live"],
    answerHeaders: ["ETag", ...(reads.length === 0 ? [] : (["Consistency"] as const))],
    async handle(request) {
      const make = async () => {
        const answer = await handle(request);
        return answer instanceof MadeJson ? answer : new MadeJson(JSON.stringify(answer));
      };
      const made = async (headers: Readonly<Record<string, string>>) => {
        const { text } = await make();
        return { headers, contentType: "application/json", body: Buffer.from(text) };
      };
      if (reads.length === 0) return made(caching);
      const { responseCache, params, query, waitFor, areLive } = request.incoming;
      if (!(await areLive(reads))) {
        throw new RequestProblem("read_model_not_live", `One of ${reads.join(", ")} is being built. Repeat it later.`);
      }
      const written = request.headers["Consistency-Token"];
      const waited = written && (await waitFor(reads, written));
      if (responseCache === undefined || declaration.isKept === false) {
        return made(waited ? { ...caching, Consistency: waited } : caching);
      }
      const keys = declaration.keysOf?.(request);
      const sources = sourcesOf(declaration, keys);
      const answer = await responseCache.get(
        {
          name: JSON.stringify([declaration.path, request.readerId, params, query]),
          sources,
          async make() {
            const { text, shown } = await make();
            const found = declaration.keysIn?.(shown, request);
            return { text, sources: found ? sourcesOf(declaration, { ...keys, ...found }) : sources };
          },
          // Anybody may ask for as many lists as there are cursors; an index finds the rows of one book.
          isCostly:
            declaration.isCostly ?? (declaration.access === "open" && sources.some(({ key }) => key === undefined)),
          keepForMs: declaration.keepForMs,
        },
        written ?? [],
      );
      const consistency = waited && { Consistency: waited === "current" ? answer.consistency : waited };
      const headers = { ...caching, ...consistency, ETag: answer.etag };
      return { headers, contentType: "application/json", body: answer.json };
    },
  });
}

function sourcesOf(
  { reads, lenient }: { readonly reads: readonly ReadModelName[]; readonly lenient?: Partial<Record<string, number>> },
  keys: Partial<Record<ReadModelName, string | readonly string[]>> = {},
): readonly Source[] {
  return reads.flatMap((readModel) => {
    const ofRows = keys[readModel];
    const list = typeof ofRows === "object" ? ofRows : [ofRows];
    return list.map((key) => ({ readModel, key, maxAgeMs: lenient?.[readModel] }));
  });
}
