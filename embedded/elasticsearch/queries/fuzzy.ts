import { findPosting } from "../index/postings.ts";
import type { Snapshot } from "../index/snapshot.ts";
import { compareTerms } from "../index/terms.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { editDistance } from "../json/similar.ts";
import { bool, boosted, type Query } from "../scoring/query.ts";
import { eachNear } from "./nearTerms.ts";

/** The edits allowed for a term. */
export type Fuzziness = (term: string) => number;

export type FuzzyOptions = {
  fuzziness: Fuzziness;
  prefixLength: number;
  maxExpansions: number;
  transpositions: boolean;
};

/** `0`, `1`, `2`, `AUTO` or `AUTO:low,high`: from `low` characters one edit, from `high` two. */
export function parseFuzziness(value: string): Fuzziness {
  const upper = value.toUpperCase();
  const auto = /^AUTO(?::(\d+),(\d+))?$/.exec(upper);
  if (auto !== null) {
    const [low, high] = [Number(auto[1] ?? 3), Number(auto[2] ?? 6)];
    return (term) => ([...term].length < low ? 0 : [...term].length < high ? 1 : 2);
  }
  const edits = Number(upper);
  if (upper === "" || Number.isNaN(edits)) {
    const causedBy = new Failure("number_format_exception", `For input string: "${upper}"`);
    throw illegalArgument(`fuzziness cannot be [${value}].`, causedBy);
  }
  if (![0, 1, 2].includes(edits)) throw illegalArgument(`fuzziness must be one of [0, 1, 2] but was [${value}]`);
  return () => edits;
}

/**
 * The terms within the allowed edits, best first: each with a boost that decreases with its distance, all scored with the highest
 * document frequency among them (FuzzyQuery with TopTermsBlendedFreqScoringRewrite).
 */
export function fuzzyTerms(field: string, wanted: string, options: FuzzyOptions, snapshot: Snapshot): Query {
  // The similarity to an empty term would be negative.
  const edits = wanted === "" ? 0 : options.fuzziness(wanted);
  const prefix = [...wanted].slice(0, options.prefixLength).join("");
  const length = [...wanted].length;
  const near = (term: string): number | undefined => {
    if (!term.startsWith(prefix) || Math.abs([...term].length - length) > edits) return undefined;
    const distance = editDistance(wanted, term, options.transpositions);
    return distance > edits ? undefined : distance;
  };
  const likeness = (term: string, distance: number) =>
    distance === 0 ? 1 : Math.max(0, Math.fround(1 - Math.fround(distance / Math.min([...term].length, length))));
  const weightOf = (term: string) => {
    const distance = near(term);
    return distance === undefined ? 0 : likeness(term, distance);
  };
  const found = new Map<string, number>();
  for (const { index } of snapshot.fields(field)) {
    eachNear(index.dictionary.withPrefix(prefix), wanted, edits, options.transpositions, (term, distance) => {
      if (findPosting(index, term) !== undefined) found.set(term, likeness(term, distance));
    });
  }
  const best = [...found]
    .toSorted(([a, one], [b, other]) => other - one || compareTerms(a, b))
    .slice(0, options.maxExpansions);
  const should = best.map(([term, boost]) =>
    boosted({ k: "blended", field, term, among: best.map(([name]) => name) }, boost),
  );
  return bool({ should, terms: { field, passes: (term) => weightOf(term) > 0, weightOf } });
}
