import type { Aggregation } from "../aggregations/aggregation.ts";
import type { HighlightSpec } from "../highlight/spec.ts";
import type { Clause } from "../queries/context.ts";
import type { SortSpec } from "./sort.ts";
import type { SourceFilter } from "./sourceFilter.ts";

export type RescoreSpec = {
  readonly window: number;
  readonly query: Clause;
  readonly queryWeight: number;
  readonly rescoreWeight: number;
  readonly mode: "total" | "multiply" | "avg" | "max" | "min";
};

/** A search request, independent of its indices. */
export type SearchRequest = {
  from: number;
  size: number;
  query: Clause | undefined;
  postFilter: Clause | undefined;
  sort: readonly SortSpec[];
  searchAfter: readonly unknown[] | undefined;
  /** The number of hits that are counted exactly; `all`, or `none` for no total. */
  trackTotal: number;
  trackScores: boolean;
  minScore: number | undefined;
  source: SourceFilter | undefined;
  /** `fields` and `docvalue_fields`: values in the answer, in their formats. */
  fields: readonly { readonly pattern: string; readonly format: string | undefined }[];
  docValueFields: readonly { readonly pattern: string; readonly format: string | undefined }[];
  hideIds: boolean;
  storedFields: boolean;
  version: boolean;
  seqNo: boolean;
  aggregations: readonly Aggregation[];
  highlight: HighlightSpec | undefined;
  rescore: readonly RescoreSpec[];
  pit: { readonly id: string; readonly keepAlive: number | undefined } | undefined;
};

/** Sorting by score alone is the default, and returns no sort values. */
export const isSortedByScore = ({ sort }: Pick<SearchRequest, "sort">): boolean =>
  sort.length === 0 || (sort.length === 1 && sort[0]!.field === "_score" && sort[0]!.descending);

export const defaultTotal = 10_000;

export const newRequest = (): SearchRequest => ({
  from: 0,
  size: 10,
  query: undefined,
  postFilter: undefined,
  sort: [],
  searchAfter: undefined,
  trackTotal: defaultTotal,
  trackScores: false,
  minScore: undefined,
  source: undefined,
  fields: [],
  docValueFields: [],
  hideIds: false,
  storedFields: false,
  version: false,
  seqNo: false,
  aggregations: [],
  highlight: undefined,
  rescore: [],
  pit: undefined,
});
