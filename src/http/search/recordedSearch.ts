import type { Answer, Endpoint } from "../endpoint.ts";
import type { RecordKeyword } from "../keywords/recordKeyword.ts";

/** What counts searches, and whose they are. */
export type Recording = {
  readonly recordKeyword: RecordKeyword;
  /** The reader of an Authorization header. Throws TokenRefused. */
  readonly readerOf: (authorization: string) => string;
};

/**
 * A search that is counted once it is answered, when it is for a first page; also when the answer was kept. The answer is the same
 * for everybody: a token says only whose search it was.
 */
export function recordedSearch(search: Endpoint, { recordKeyword, readerOf }: Recording): Endpoint {
  return {
    ...search,
    readerOf: async (authorization) => (authorization === undefined ? undefined : readerOf(authorization)),
    async run(incoming) {
      const answer = await search.run({ ...incoming, readerId: undefined });
      const { q, cursor } = incoming.query as { readonly q: string; readonly cursor?: string };
      if (cursor === undefined) recordKeyword(incoming, q.trim(), totalOf(answer));
      return answer;
    },
  };
}

/** `total` is the first field of the JSON, which is not parsed for it. */
function totalOf({ body }: Answer): number | undefined {
  const total = Buffer.isBuffer(body) ? /^\{"total":(\d+)/.exec(body.toString("latin1", 0, 30))?.[1] : undefined;
  return total === undefined ? undefined : Number(total);
}
