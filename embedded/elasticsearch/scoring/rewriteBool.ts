import { type Bool, bool, boosted, constant, hintOf, keyOf, none, type Query, sameQueries } from "./query.ts";

type Rewrite = (query: Query) => Query;
const { fround } = Math;

/** BooleanQuery.rewrite, applied until nothing changes; `passes` is how often its children were. */
export function rewriteBool(query: Bool, rewrite: Rewrite, withoutScores: Rewrite, passes = 0): Query {
  if (rewritten.has(query)) return query;
  const single = one(query);
  if (single !== undefined) return single === query ? none : rewrite(single);
  const inner = children(query, rewrite, withoutScores);
  if (inner.k !== "bool") return inner;
  for (const step of steps) {
    const next = step(inner);
    if (next !== undefined) return rewrite(next);
  }
  if (!isSame(inner, query, passes)) return rewriteBool(inner, rewrite, withoutScores, passes + 1);
  rewritten.add(inner);
  return inner;
}

const lists = ["must", "filter", "should", "not"] as const;

/**
 * Returns whether the children are unchanged. A rewritten query is usually returned as the same object the next time; otherwise
 * keys are compared, which must be built as text.
 */
function isSame(one: Bool, other: Bool, passes: number): boolean {
  if (one.minimum === other.minimum && lists.every((name) => sameQueries(one[name], other[name]))) return true;
  if (passes === 0) return false;
  return keyOf(one) === keyOf(other) && one.should.length === other.should.length;
}

/** Fully rewritten queries. */
const rewritten = new WeakSet<Bool>();

const count = ({ must, filter, should, not }: Bool) => must.length + filter.length + should.length + not.length;

/** Simplifies a query without or with one clause; undefined for others. */
function one(query: Bool): Query | undefined {
  const { must, filter, should, not, minimum } = query;
  const clauses = count(query);
  if (clauses === not.length) return none;
  if (clauses !== 1) return undefined;
  if (should.length === 1 && minimum <= 1) return should[0];
  if (must.length === 1 && minimum === 0) return must[0];
  if (filter.length === 1 && minimum === 0) return boosted(constant(filter[0]!), 0);
  return undefined;
}

function children(query: Bool, rewrite: Rewrite, withoutScores: Rewrite): Query {
  const must = query.must.map(rewrite);
  const filter = distinct(query.filter.map(withoutScores));
  if ([...must, ...filter].some(({ k }) => k === "none")) return none;
  const should = query.should.map(rewrite).filter(({ k }) => k !== "none");
  const not = distinct(query.not.map(withoutScores).filter(({ k }) => k !== "none"));
  return bool({ must, filter, should, not, minimum: query.minimum });
}

function distinct(queries: readonly Query[]): readonly Query[] {
  if (!mayRepeat(queries)) return queries;
  return [...new Map(queries.map((query) => [keyOf(query), query])).values()];
}

/** Returns whether some may be equal. Usually none are, and their keys need not be built. */
function mayRepeat(queries: readonly Query[]): boolean {
  return queries.length > 1 && new Set(queries.map(hintOf)).size < queries.length;
}

function mayShare(one: readonly Query[], other: readonly Query[]): boolean {
  const hints = new Set(one.map(hintOf));
  return other.some((query) => hints.has(hintOf(query)));
}

type Step = (query: Bool) => Query | undefined;

const steps: readonly Step[] = [
  function contradiction({ must, filter, not }) {
    if (not.length === 0) return undefined;
    const required = [...must, ...filter, ...must.map((query) => (query.k === "constant" ? query.query : query))];
    const excluded = mayShare(not, required) ? new Set(not.map(keyOf)) : new Set<string>();
    if (excluded.size === 0) return not.some(({ k }) => k === "all") ? none : undefined;
    return not.some(({ k }) => k === "all") || required.some((query) => excluded.has(keyOf(query))) ? none : undefined;
  },

  function needlessFilters(query) {
    const { must, filter } = query;
    if (filter.length === 0) return undefined;
    const others = filter.length > 1 || must.length > 0;
    const required = mayShare(must, filter) ? new Set(must.map(keyOf)) : undefined;
    const kept = filter.filter((one) => !(others && one.k === "all") && required?.has(keyOf(one)) !== true);
    return kept.length < filter.length ? { ...query, filter: kept } : undefined;
  },

  function filtersThatScore(query) {
    const { must, filter, should, minimum } = query;
    if (filter.length === 0 || should.length === 0 || !mayShare(should, filter)) return undefined;
    const scoring = new Set(should.map(keyOf));
    const both = new Set(filter.map(keyOf).filter((key) => scoring.has(key)));
    if (both.size === 0) return undefined;
    const moved = should.filter((one) => both.has(keyOf(one)));
    return {
      ...query,
      must: [...must, ...moved],
      filter: filter.filter((one) => !both.has(keyOf(one))),
      should: should.filter((one) => !both.has(keyOf(one))),
      minimum: Math.max(0, minimum - moved.length),
    };
  },

  function repeatedShould(query) {
    const should = query.minimum <= 1 ? summed(query.should) : undefined;
    return should === undefined ? undefined : { ...query, should };
  },

  function repeatedMust(query) {
    const must = summed(query.must);
    return must === undefined ? undefined : { ...query, must };
  },

  function matchAllAndFilters(query) {
    const { must, filter, should, not } = query;
    const [only] = must;
    if (must.length !== 1 || filter.length === 0 || only === undefined) return undefined;
    const [inner, boost] = only.k === "boost" ? [only.query, only.boost] : [only, 1];
    if (inner.k !== "all") return undefined;
    return bool({ must: [boosted(constant(bool({ filter, not })), boost)], should, minimum: query.minimum });
  },

  function nestedDisjunctions(query) {
    if (query.minimum > 1 || !query.should.some(isPureDisjunction)) return undefined;
    return { ...query, should: query.should.flatMap((one) => (isPureDisjunction(one) ? one.should : [one])) };
  },

  function nestedConjunctions(query) {
    if (![...query.must, ...query.filter].some(isConjunction)) return undefined;
    const inner = (list: readonly Query[]) => list.filter(isConjunction);
    const [musts, filters] = [inner(query.must), inner(query.filter)];
    return {
      ...query,
      must: query.must.flatMap((one) => (isConjunction(one) ? one.must : [one])),
      filter: [
        ...musts.flatMap(({ filter }) => filter),
        ...query.filter.flatMap((one) => (isConjunction(one) ? [...one.must, ...one.filter] : [one])),
      ],
      not: [...query.not, ...[...musts, ...filters].flatMap(({ not }) => not)],
    };
  },

  function allOrNothing(query) {
    const { must, should, minimum } = query;
    if (should.length < minimum) return none;
    if (should.length === 0 || should.length !== minimum) return undefined;
    return { ...query, must: [...must, ...should], should: [], minimum: 0 };
  },

  function onlyMustIsDisjunction(query) {
    const [only] = query.must;
    if (query.should.length > 0 || query.must.length !== 1 || only?.k !== "bool") return undefined;
    if (count(only) !== only.should.length) return undefined;
    return { ...query, must: [], should: only.should, minimum: Math.max(1, only.minimum) };
  },
];

function isPureDisjunction(query: Query): query is Bool {
  return query.k === "bool" && count(query) === query.should.length && query.minimum <= 1;
}

function isConjunction(query: Query): query is Bool {
  return query.k === "bool" && query.minimum === 0 && query.should.length === 0;
}

/** Merges equal clauses into one with the sum of their boosts; undefined when all differ. */
function summed(clauses: readonly Query[]): Query[] | undefined {
  if (!mayRepeat(clauses.map((clause) => (clause.k === "boost" ? clause.query : clause)))) return undefined;
  const sums = new Map<string, { query: Query; boost: number }>();
  for (const clause of clauses) {
    const [query, boost] = clause.k === "boost" ? [clause.query, clause.boost] : [clause, 1];
    const known = sums.get(keyOf(query));
    if (known === undefined) sums.set(keyOf(query), { query, boost });
    else known.boost += boost;
  }
  if (sums.size === clauses.length) return undefined;
  return [...sums.values()].map(({ query, boost }) => boosted(query, fround(boost)));
}
