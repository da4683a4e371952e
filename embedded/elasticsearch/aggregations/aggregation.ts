import type { Bits } from "../index/bits.ts";
import type { Target } from "../queries/context.ts";
import type { Docs } from "../scoring/matches.ts";

/** The documents of one bucket in one index, with their scores for top hits. */
export type Part = {
  readonly target: Target;
  readonly docs: Docs;
  scoreOf(doc: number): number | undefined;
};

/** The result of an aggregation: its kind as `typed_keys` names it, and its JSON. An order by it compares `value`. */
export type Result = {
  readonly kind: string;
  readonly json: Record<string, unknown>;
  value?(path: string | undefined): number;
};

export type Aggregation = {
  readonly name: string;
  readonly meta: unknown;
  /** Throws for unsupported fields, as a shard does. */
  compute(parts: readonly Part[]): Result;
};

/** Computes aggregations over the same documents: their JSON by name. */
export function computeAll(
  aggregations: readonly Aggregation[],
  parts: readonly Part[],
  typed: boolean,
): Record<string, unknown> {
  return Object.fromEntries(aggregations.map((one) => entry(one, one.compute(parts), typed)));
}

function entry({ name, meta }: Aggregation, { kind, json }: Result, typed: boolean): [string, unknown] {
  return [typed ? `${kind}#${name}` : name, meta === undefined ? json : { meta, ...json }];
}

/** Sub-aggregations of a bucket. `typed` is decided when the answer is written, so it is a parameter here. */
export type Subs = { readonly all: readonly Aggregation[]; readonly typed: () => boolean };

export function subResults(
  { all, typed }: Subs,
  parts: readonly Part[],
): { json: Record<string, unknown>; results: ReadonlyMap<string, Result> } {
  const results = all.map((one) => [one, one.compute(parts)] as const);
  return {
    json: Object.fromEntries(results.map(([one, result]) => entry(one, result, typed()))),
    results: new Map(results.map(([{ name }, result]) => [name, result])),
  };
}

/** The number of documents in a bucket. */
export const docCount = (parts: readonly Part[]) => parts.reduce((sum, { docs }) => sum + docs.length, 0);

/** A bucket's documents that pass. */
export function narrowed(parts: readonly Part[], passes: (target: Target) => (doc: number) => boolean): Part[] {
  return parts.map((part) => {
    const test = passes(part.target);
    return { ...part, docs: part.docs.filter(test) };
  });
}

/** A bucket's documents that are in a set: the same list if all are, which is usual for a filter of visible documents. */
export function within(parts: readonly Part[], setOf: (target: Target) => Bits): Part[] {
  return parts.map((part) => {
    const { docs } = part;
    const set = setOf(part.target);
    let at = 0;
    while (at < docs.length && set.has(docs[at]!)) at++;
    if (at === docs.length) return part;
    const kept = docs.slice();
    let count = at;
    for (at++; at < docs.length; at++) if (set.has(docs[at]!)) kept[count++] = docs[at]!;
    return { ...part, docs: kept.subarray(0, count) };
  });
}
