import type { Analysis } from "../analysis/configured.ts";
import type { Snapshot } from "../index/snapshot.ts";
import type { Field } from "../indices/mapping.ts";
import { Failure } from "../json/failure.ts";
import type { Node } from "../json/node.ts";
import type { Source } from "../json/source.ts";
import type { Query } from "../scoring/query.ts";

/** The target of a query: one index, as of the start of the search. */
export type Target = {
  readonly index: string;
  readonly uuid: string;
  readonly fields: ReadonlyMap<string, Field>;
  readonly analysis: Analysis;
  readonly snapshot: Snapshot;
  /** The maximum length of a prefix, in UTF-16 units. */
  readonly maxRegexLength: number;
  /** Milliseconds: `now` in date math. */
  readonly now: number;
  /** Queries with a `_name`, for `matched_queries`. */
  readonly named: { readonly name: string; readonly query: Query }[];
};

/** A parsed query: builds the query for an index, or throws what Elasticsearch throws in its shards. */
export type Clause = (target: Target) => Query;

/** Parses the body of one kind of query. `inner` parses a query within it. */
export type QueryParser = (
  body: Extract<Node, { kind: "object" }>,
  source: Source,
  inner: (node: Node) => Clause,
) => Clause;

/** A failure of a query within one index. */
export function shardFailure({ index, uuid }: Target, reason: string, causedBy?: Failure): Failure {
  return new Failure("query_shard_exception", reason, { meta: { index_uuid: uuid, index }, causedBy });
}

/** Builds the query; failures other than a shard's own are wrapped as in Elasticsearch. */
export function toQuery(clause: Clause, target: Target): Query {
  try {
    return clause(target);
  } catch (error) {
    if (!(error instanceof Failure) || error.type === "query_shard_exception" || error instanceof RawShardFailure)
      throw error;
    throw shardFailure(target, `failed to create query: ${error.reason}`, error);
  }
}

/** A failure that Elasticsearch detects before it builds the query, and does not wrap. */
export class RawShardFailure extends Failure {}
