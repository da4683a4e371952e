import type { SearchResponse } from "@elastic/elasticsearch/lib/api/types";
import {
  type Elasticsearch,
  type ElasticsearchFailure,
  failedShardsOf,
  failureOf,
  failureOfStatus,
} from "../../platform/elasticsearch.ts";
import { ExpectedError } from "../../platform/expectedError.ts";
import type { Clause } from "./dsl.ts";

/** The books index: its client, and the alias of the live build. */
export type BooksIndex = {
  readonly client: Elasticsearch;
  readonly alias: string;
};

/** The search engine is down, overloaded, or has no index yet: a retry may succeed. */
export class SearchUnavailable extends ExpectedError {
  override readonly name = "SearchUnavailable";
}

/** The point in time of a cursor has expired: the search must start again. */
export class SearchCursorLost extends ExpectedError {
  override readonly name = "SearchCursorLost";
}

/** A search request, restricted to what this project uses. */
export type SearchBody = {
  readonly query: Clause;
  readonly sort?: readonly object[];
  readonly from?: number;
  readonly size: number;
  readonly post_filter?: Clause;
  readonly aggs?: Readonly<Record<string, object>>;
  readonly search_after?: readonly SortValue[];
  readonly _source: false;
  readonly docvalue_fields?: readonly string[];
};
export type SortValue = string | number | null;

export type Hit = {
  readonly id: string;
  readonly score: number;
  readonly sort: readonly SortValue[];
  readonly fields: Readonly<Record<string, readonly unknown[]>>;
};
export type Found = { readonly hits: readonly Hit[]; readonly total: number; readonly aggregations: unknown };

const keepPointInTime = "2m";
/** A request body in the client's types, which differ from ours. */
type ClientBody = Parameters<Elasticsearch["search"]>[0] & object;

/** The paths of an answer that are read. An error is filtered by the same paths. */
const read = ["hits.total", "hits.hits._id", "hits.hits._score", "hits.hits.fields", "aggregations", "error", "status"];
/** The status is kept in any case, so that no answer of several is left out as empty. */
const readOfEach = read.map((path) => `responses.${path}`);

/** Searches the current index; hits have no `sort`. Rejects with SearchUnavailable. */
export function search({ client, alias }: BooksIndex, body: SearchBody): Promise<Found> {
  const asked = { index: alias, filter_path: read, ...(body as unknown as ClientBody) };
  return answered(async () => foundIn(await client.search(asked)));
}

/**
 * Several searches of the current index in one request; hits have no `sort`. Each has its own answer or error, in the order of `bodies`. Rejects with
 * SearchUnavailable if the request fails.
 */
export function searchAll(
  { client, alias }: BooksIndex,
  bodies: readonly SearchBody[],
): Promise<readonly (Found | Error)[]> {
  return answered(async () => {
    const searches = bodies.flatMap((body) => [{}, body as unknown as ClientBody]);
    const { responses } = await client.msearch({ index: alias, filter_path: readOfEach, searches });
    return responses.map((response) => {
      if (!("error" in response)) return foundIn(response as SearchResponse);
      const { error, status } = response;
      const failure = failureOfStatus(status, error.type);
      return failure === "refused"
        ? new Error(`A search was refused: ${error.type}: ${error.reason}`)
        : unavailable(failure);
    });
  });
}

/**
 * Searches a point in time, and keeps it open for another two minutes. Rejects with SearchCursorLost if it or its index is gone, or if the
 * server refuses the request: only `pit` and `search_after` come from a client, so one of these is the reason. A deleted index is
 * answered as one whose shards are not available just now.
 */
export function searchIn(
  { client }: BooksIndex,
  pit: string,
  body: SearchBody,
): Promise<Found & { readonly pit: string }> {
  return answered(async () => {
    const kept = {
      pit: { id: pit, keep_alive: keepPointInTime },
      filter_path: [...read, "hits.hits.sort", "pit_id"],
    };
    const answer = await client
      .search({ ...(body as unknown as ClientBody), ...kept })
      .catch(async (error: unknown) => {
        const failure = failureOf(error);
        const isLost = failure === "refused" || failure === "missing" || (await isAnyGone(client, indicesOf(error)));
        if (!isLost) throw error;
        throw new SearchCursorLost("The results of this search have expired. Search again without a cursor.");
      });
    return { ...foundIn(answer), pit: answer.pit_id ?? pit };
  });
}

/** The indices whose shards were not available to a search. */
function indicesOf(error: unknown): readonly string[] {
  return failedShardsOf(error)
    .filter(({ type }) => type === "no_shard_available_action_exception")
    .map(({ index }) => index);
}

async function isAnyGone(client: Elasticsearch, indices: readonly string[]): Promise<boolean> {
  for (const index of new Set(indices)) {
    // If the index cannot be checked, the next search checks it again.
    if (!(await client.indices.exists({ index }).catch(() => true))) return true;
  }
  return false;
}

/** Opens a point in time of the current index for two minutes; resolves with its id. */
export function openPointInTime({ client, alias }: BooksIndex): Promise<string> {
  return answered(async () => (await client.openPointInTime({ index: alias, keep_alive: keepPointInTime })).id);
}

function foundIn(answer: SearchResponse): Found {
  // Without hits there is no list of them: an empty one is filtered out.
  const { hits = [], total = 0 } = answer.hits ?? {};
  return {
    hits: hits.map(({ _id = "", _score, sort = [], fields = {} }) => ({
      id: _id,
      score: _score ?? 0,
      sort: sort as readonly SortValue[],
      fields: fields as Hit["fields"],
    })),
    total: typeof total === "number" ? total : total.value,
    aggregations: answer.aggregations,
  };
}

async function answered<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined || failure === "refused") throw error;
    throw unavailable(failure);
  }
}

function unavailable(failure: Exclude<ElasticsearchFailure, "refused">): SearchUnavailable {
  const why = { away: "does not answer", busy: "is overloaded", missing: "is being built" }[failure];
  return new SearchUnavailable(`The search ${why}. Everything else works.`);
}
