import type { Answer, Endpoint } from "../endpoint.ts";
import type { RecordKeyword } from "../keywords/recordKeyword.ts";

/** The dependencies of recording searches. */
export type Recording = {
  readonly recordKeyword: RecordKeyword;
  /** The reader of an Authorization header. Throws TokenRefused. */
  readonly readerOf: (authorization: string) => string;
};

/**
 * Wraps a search endpoint so that searches are recorded after responding, on the first page only, also for cached responses.
 * The response is the same for everybody: a token only determines whose search it was. Where `filters`, fields of the query, leave
 * nothing, the number of results is unknown: without them the keyword may find books.
 */
export function recordedSearch(
  search: Endpoint,
  { recordKeyword, readerOf }: Recording,
  filters: readonly string[],
): Endpoint {
  return {
    ...search,
    readerOf: async (authorization) => (authorization === undefined ? undefined : readerOf(authorization)),
    async run(incoming) {
      const answer = await search.run({ ...incoming, readerId: undefined });
      const { q, cursor, ...others } = incoming.query as { readonly q: string; readonly cursor?: string };
      const isFiltered = filters.some((name) => name in others);
      const total = totalOf(answer);
      if (cursor === undefined) recordKeyword(incoming, q.trim(), isFiltered && total === 0 ? undefined : total);
      return answer;
    },
  };
}

/** `total` is the first field of the JSON, which is not parsed for it. */
function totalOf({ body }: Answer): number | undefined {
  const total = Buffer.isBuffer(body) ? /^\{"total":(\d+)/.exec(body.toString("latin1", 0, 30))?.[1] : undefined;
  return total === undefined ? undefined : Number(total);
}
