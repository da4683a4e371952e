import type { Node, ObjectNode } from "../json/node.ts";
import type { Source } from "../json/source.ts";
import type { Clause } from "../queries/context.ts";
import type { SearchRequest } from "../search/request.ts";
import type { Part, Result, Subs } from "./aggregation.ts";

/**
 * Parses one kind of aggregation: first its body, then, when the whole is read, its sub-aggregations are given. `request` parses a
 * nested search.
 */
export type AggregationParser = (
  body: ObjectNode,
  source: Source,
  context: { readonly name: string; query(node: Node): Clause; request(body: ObjectNode): SearchRequest },
) => (subs: Subs) => (parts: readonly Part[]) => Result;
