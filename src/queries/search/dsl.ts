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

/** A clause that scores every match the same. */
export function scored(boost: number, filter: Clause): Clause {
  return { constant_score: { filter, boost } };
}

/** Matches documents that match any of the clauses. */
export function anyOf(clauses: readonly Clause[]): Clause {
  const [only, ...more] = clauses;
  return only !== undefined && more.length === 0 ? only : { bool: { should: clauses, minimum_should_match: 1 } };
}

/** Matches documents that match all of the clauses. */
export function allOf(filter: readonly Clause[]): Clause {
  return { bool: { filter } };
}

/** The longest prefix that is indexed as a term (projections/books/index.ts: starts). */
const longestStart = 30;

/** Matches books with a name in this field that begins with `key`. */
export function startsWith(field: string, key: string): Clause {
  return key.length <= longestStart ? { term: { [`${field}.starts`]: key } } : { prefix: { [field]: key } };
}

/** Matches books with a name in this field that begins with any of the keys: as one clause, where their length allows. */
export function startsWithAny(field: string, keys: readonly string[]): Clause {
  const [only, ...more] = keys;
  if (only !== undefined && more.length === 0) return startsWith(field, only);
  return keys.every((key) => key.length <= longestStart)
    ? { terms: { [`${field}.starts`]: keys } }
    : anyOf(keys.map((key) => startsWith(field, key)));
}
