import { type Analyzer, analyze } from "../analysis/analyzer.ts";
import type { Token } from "../analysis/token.ts";
import type { Field } from "../indices/mapping.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { all, bool, none, type PhrasePart, type Query, term } from "../scoring/query.ts";
import { shardFailure, type Target } from "./context.ts";
import { exactly } from "./fieldValues.ts";
import { type FuzzyOptions, fuzzyTerms } from "./fuzzy.ts";
import { minimumShouldMatch } from "./minimumShouldMatch.ts";
import { termsBeginning, termsWithPrefix } from "./patterns.ts";

export type Operator = "or" | "and";

/** The options of a full-text query on a field. */
export type TextOptions = {
  readonly query: string;
  readonly kind: "match" | "phrase" | "phrase_prefix" | "bool_prefix";
  readonly operator: Operator;
  readonly minimum: string | undefined;
  readonly analyzer: string | undefined;
  readonly zeroTerms: "none" | "all";
  readonly lenient: boolean;
  readonly slop: number;
  readonly maxExpansions: number;
  readonly fuzzy: FuzzyOptions | undefined;
};

/** The query for a text in one field: analysed for text fields, exact for other types. `name` is that of the query, for errors. */
export function fieldQuery(name: string, path: string, options: TextOptions, target: Target): Query {
  const field = target.fields.get(path);
  if (field === undefined) return path === "_id" ? exactIds(options.query, target) : none;
  try {
    if (field.type !== "text" && options.kind === "phrase_prefix") return refusePrefix(name, field, options, target);
    if (field.type !== "text" && (field.type !== "keyword" || options.kind === "match" || options.kind === "phrase")) {
      const analyzer = checkAnalyzer(name, options, target);
      if (analyzer !== undefined && options.kind === "match") return ofTokens(field, analyzer, options, target);
      if (field.type === "keyword" && options.fuzzy !== undefined)
        return fuzzyTerms(path, options.query, options.fuzzy, target.snapshot);
      return exactly(field, options.query, target);
    }
    return analysed(field, tokensOf(name, field, options, target), options, target);
  } catch (error) {
    if (options.lenient && error instanceof Failure) return none;
    throw error;
  }
}

/** An explicit analyzer is used for any type: each token is then a value. */
function ofTokens(field: Field, analyzer: Analyzer, options: TextOptions, target: Target): Query {
  const { tokens } = analyze(analyzer, options.query);
  if (tokens.length === 0) return options.zeroTerms === "all" ? all : none;
  const clauses = tokens.map(({ term: value }) =>
    field.type === "keyword" && options.fuzzy !== undefined
      ? fuzzyTerms(field.path, value, options.fuzzy, target.snapshot)
      : exactly(field, value, target),
  );
  return combined(clauses, options);
}

/** Only text fields support phrases with a prefix; a text without words has none. */
function refusePrefix(name: string, field: Field, options: TextOptions, target: Target): Query {
  const analyzer = checkAnalyzer(name, options, target);
  if (analyzer !== undefined && analyze(analyzer, options.query).tokens.length === 0)
    return options.zeroTerms === "all" ? all : none;
  throw illegalArgument(
    `Can only use phrase prefix queries on text fields - not on [${field.path}] which is of type [${field.type}]`,
  );
}

function exactIds(id: string, { snapshot }: Target): Query {
  const doc = snapshot.numberOf(id);
  return { k: "set", key: `id:${id}`, docs: () => Int32Array.from(doc === undefined ? [] : [doc]) };
}

function checkAnalyzer(name: string, { analyzer }: TextOptions, target: Target): Analyzer | undefined {
  if (analyzer === undefined) return undefined;
  const found = target.analysis.analyzers.get(analyzer);
  if (found === undefined) throw shardFailure(target, `[${name}] analyzer [${analyzer}] not found`);
  return found;
}

function tokensOf(name: string, field: Field, options: TextOptions, target: Target): (Token & { position: number })[] {
  const { params } = field;
  const usual = String(params.search_analyzer ?? params.analyzer ?? "standard");
  const { analyzers, normalizers } = target.analysis;
  const analyzer = checkAnalyzer(name, options, target) ?? analyzers.get(usual === "default" ? "default" : usual)!;
  let position = -1;
  if (field.type === "keyword") {
    const normalized =
      params.normalizer === undefined ? options.query : normalizers.get(String(params.normalizer))!(options.query);
    return [{ term: normalized, start: 0, end: options.query.length, type: "word", increment: 1, position: 0 }];
  }
  return analyze(analyzer, options.query).tokens.map((token) => {
    position += token.increment;
    return { ...token, position };
  });
}

function analysed(
  field: Field,
  tokens: readonly (Token & { position: number })[],
  options: TextOptions,
  target: Target,
): Query {
  const { path } = field;
  if (tokens.length === 0) return options.zeroTerms === "all" ? all : none;
  const places = new Map<number, string[]>();
  for (const { term: name, position } of tokens) places.set(position, [...(places.get(position) ?? []), name]);
  if (options.kind === "phrase" || options.kind === "phrase_prefix") return phraseQuery(path, places, options, target);
  const fuzzy = options.fuzzy;
  const clauses = [...places.values()].map((names, index): Query => {
    // Text after the last word completes it: no prefix match.
    if (
      options.kind === "bool_prefix" &&
      index === places.size - 1 &&
      names.length === 1 &&
      tokens.at(-1)!.end === options.query.length
    ) {
      const [prefix = ""] = names;
      return termsBeginning(path, prefix);
    }
    if (fuzzy !== undefined && names.length === 1) return fuzzyTerms(path, names[0]!, fuzzy, target.snapshot);
    return term(path, ...names);
  });
  return combined(clauses, options);
}

function combined(clauses: readonly Query[], options: TextOptions): Query {
  if (clauses.length === 1) return clauses[0]!;
  const isAnd = options.operator === "and";
  const minimum = options.minimum === undefined ? 0 : minimumShouldMatch(isAnd ? 0 : clauses.length, options.minimum);
  return isAnd ? bool({ must: clauses, minimum }) : bool({ should: clauses, minimum });
}

function phraseQuery(
  path: string,
  places: ReadonlyMap<number, readonly string[]>,
  options: TextOptions,
  target: Target,
): Query {
  const [first = 0] = places.keys();
  const parts: PhrasePart[] = [...places].map(([position, terms]) => ({
    terms,
    position: position - first,
  }));
  if (options.kind === "phrase_prefix") {
    const last = parts.at(-1)!;
    const expanded = expand(path, last.terms, options.maxExpansions, target);
    if (expanded.length === 0 && parts.length > 1) return none;
    parts[parts.length - 1] = { ...last, terms: expanded };
    // A single position is no phrase: any of its terms matches, and each counts separately.
    if (parts.length === 1) {
      const passes = (one: string) => last.terms.some((prefix) => one.startsWith(prefix));
      return bool({ should: expanded.map((one) => term(path, one)), terms: { field: path, passes } });
    }
  }
  if (parts.length === 1) return term(path, ...parts[0]!.terms);
  const phrase = { k: "phrase", field: path, parts, slop: options.slop } as const;
  return options.kind === "phrase_prefix" ? { ...phrase, isExpanded: true } : phrase;
}

/** The terms that have one of the given prefixes, each once. */
function expand(path: string, prefixes: readonly string[], limit: number, target: Target): string[] {
  const expanded = new Set<string>();
  for (const prefix of prefixes) {
    for (const one of termsWithPrefix(target.snapshot, path, prefix)) {
      if (expanded.size >= limit) break;
      expanded.add(one);
    }
  }
  return [...expanded];
}
