/** The part of Elasticsearch's query language that searches use. */
export type Clause =
  | { readonly term: Readonly<Record<string, string | boolean>> }
  | { readonly terms: Readonly<Record<string, readonly string[]>> }
  | { readonly ids: { readonly values: readonly string[] } }
  | { readonly prefix: Readonly<Record<string, string>> }
  | { readonly range: Readonly<Record<string, { readonly gte?: number; readonly lte?: number }>> }
  | { readonly fuzzy: Readonly<Record<string, FuzzyTerm>> }
  | { readonly match: Readonly<Record<string, Match>> }
  | { readonly match_phrase: Readonly<Record<string, string>> }
  | { readonly constant_score: { readonly filter: Clause; readonly boost?: number } }
  | { readonly dis_max: { readonly queries: readonly Clause[] } }
  | { readonly function_score: FunctionScore }
  | { readonly bool: Bool };

type FuzzyTerm = { readonly value: string; readonly fuzziness: number; readonly prefix_length: number };

type Match = {
  readonly query: string;
  readonly operator?: "and" | "or";
  readonly minimum_should_match?: string;
  readonly boost?: number;
};

type FunctionScore = {
  readonly query: Clause;
  readonly field_value_factor: { field: string; modifier: "log1p"; factor: number; missing: number };
  readonly boost_mode: "sum";
};

type Bool = {
  readonly must?: readonly Clause[];
  readonly filter?: readonly Clause[];
  readonly should?: readonly Clause[];
  readonly must_not?: readonly Clause[];
  readonly minimum_should_match?: number;
};

/** A clause by which each document that it finds scores the same. */
export function scored(boost: number, filter: Clause): Clause {
  return { constant_score: { filter, boost } };
}

/** Finds what any of the clauses finds. */
export function anyOf(clauses: readonly Clause[]): Clause {
  const [only, ...more] = clauses;
  return only !== undefined && more.length === 0 ? only : { bool: { should: clauses, minimum_should_match: 1 } };
}

/** Finds what all of the clauses find. */
export function allOf(filter: readonly Clause[]): Clause {
  return { bool: { filter } };
}

/** The longest beginning of a name that the index has as a term (projections/books/index.ts: starts). */
const longestStart = 30;

/** Finds the books of which a name of this field begins with `key`. */
export function startsWith(field: string, key: string): Clause {
  return key.length <= longestStart ? { term: { [`${field}.starts`]: key } } : { prefix: { [field]: key } };
}
