import type { Query, TermSet } from "../scoring/query.ts";
import { isFunctionScore, noFields, rewriteOnText } from "./rewriteOnText.ts";

/** A token of the text with its position. */
export type Placed = { readonly term: string; readonly position: number };

/** The weight of a term in the query, and its positions if it is part of a phrase. */
export type Weight = { readonly weight: number; readonly spans: readonly (readonly [number, number])[] | undefined };

/**
 * The terms of a query that occur in a text (Lucene's WeightedSpanTermExtractor): those of phrases with the positions of the whole
 * phrase. `field` excludes terms of other fields.
 */
export function weights(
  query: Query,
  field: string | undefined,
  tokens: readonly Placed[],
): ReadonlyMap<string, Weight> {
  const found = new Map<string, Weight>();
  const isWanted = (name: string) => field === undefined || name === field;
  const add = (term: string, weight: number, spans?: Weight["spans"]) => {
    const known = found.get(term);
    const places =
      spans === undefined || (known !== undefined && known.spans === undefined)
        ? undefined
        : [...(known?.spans ?? []), ...spans];
    found.set(term, { weight, spans: places });
  };

  const addPassing = (set: TermSet | undefined, boost: number) => {
    if (set === undefined || !isWanted(set.field)) return;
    for (const { term } of tokens) if (set.passes(term)) add(term, Math.fround(boost * (set.weightOf?.(term) ?? 1)));
  };
  const walk = (one: Query, boost: number): void => {
    switch (one.k) {
      case "term":
        if (isWanted(one.field)) for (const term of one.terms) add(term, boost);
        return;
      case "blended":
        if (isWanted(one.field)) add(one.term, boost);
        return;
      case "phrase": {
        if (!isWanted(one.field)) return;
        const spans = phraseSpans(one, tokens);
        if (spans.length > 0) for (const { terms } of one.parts) for (const term of terms) add(term, boost, spans);
        return;
      }
      case "set":
        addPassing(one.terms, boost);
        return;
      case "boost":
        walk(one.query, Math.fround(boost * one.boost));
        return;
      case "constant":
        walk(one.query, boost);
        return;
      case "rescore":
        if (one.boostsLast === true) walk(one.query, boost);
        else walkScored(one.query, boost);
        return;
      case "dismax":
        for (const inner of one.queries) walk(inner, boost);
        return;
      case "bool":
        if (one.terms !== undefined) {
          addPassing(one.terms, boost);
          return;
        }
        // In the order in which Elasticsearch adds the clauses: of a term in several, the last one counts.
        for (const inner of [...one.must, ...one.should, ...one.filter]) walk(inner, boost);
        return;
      default:
    }
  };
  /** Queries directly in a `function_score` are treated differently: some are rewritten first. */
  const walkScored = (one: Query, boost: number): void => {
    if (one.k === "set" && one.asksForFields === "whole") throw noFields();
    const rewritten = isFunctionScore(one) ? rewriteOnText(one) : one;
    if (isFunctionScore(one) && rewritten === one) collect(one.query);
    else walk(rewritten, boost);
  };
  /** The terms of a query that the highlighter does not know: all with the same weight, those of phrases at any position. */
  const collect = (one: Query): void => {
    if (one.k === "bool") for (const inner of [...one.must, ...one.should, ...one.filter]) collect(inner);
    else if (one.k === "dismax") for (const inner of one.queries) collect(inner);
    else if ("query" in one) collect(one.query);
    else if (one.k !== "phrase") walk(one, 1);
    else if (isWanted(one.field)) for (const { terms } of one.parts) for (const term of terms) add(term, 1);
  };
  walk(query, 1);
  return found;
}

type Phrase = Extract<Query, { k: "phrase" }>;

function phraseSpans({ parts, slop }: Phrase, tokens: readonly Placed[]): [number, number][] {
  const lists = parts.map(({ terms }) =>
    tokens.filter(({ term }) => terms.includes(term)).map(({ position }) => position),
  );
  if (lists.some((list) => list.length === 0)) return [];
  const gaps = Math.max(0, parts.at(-1)!.position - (parts.length - 1));
  return slop === 0 ? ordered(lists, gaps) : unordered(lists, slop + gaps);
}

/** Returns the matches in order, with at most `slop` positions between them. */
function ordered(lists: readonly (readonly number[])[], slop: number): [number, number][] {
  return lists[0]!.flatMap((start): [number, number][] => {
    let at = start;
    for (const list of lists.slice(1)) {
      const next = list.find((position) => position > at);
      if (next === undefined) return [];
      at = next;
    }
    return at - start + 1 - lists.length <= slop ? [[start, at]] : [];
  });
}

/** In any order: each time the first of them moves on. */
function unordered(lists: readonly (readonly number[])[], slop: number): [number, number][] {
  const at = lists.map(() => 0);
  const spans: [number, number][] = [];
  for (;;) {
    const places = lists.map((list, index) => list[at[index]!]!);
    const [low, high] = [Math.min(...places), Math.max(...places)];
    if (high - low + 1 - lists.length <= slop) spans.push([low, high]);
    const first = places.indexOf(low);
    at[first]! += 1;
    if (at[first]! >= lists[first]!.length) return spans;
  }
}
