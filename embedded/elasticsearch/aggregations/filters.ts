import { Bits } from "../index/bits.ts";
import { illegalArgument } from "../json/failure.ts";
import { tokenName } from "../json/node.ts";
import { booleanValue, parsingException } from "../json/reader.ts";
import type { Clause, Target } from "../queries/context.ts";
import { liveDocs, union } from "../scoring/documents.ts";
import { documents } from "../scoring/execute.ts";
import { without } from "../scoring/matches.ts";
import { keyOf } from "../scoring/query.ts";
import { withoutScores } from "../scoring/rewrite.ts";
import { docCount, narrowed, type Part, type Subs, subResults, within } from "./aggregation.ts";
import type { AggregationParser } from "./parsers.ts";
import { mappedField, readValueSource, requireField } from "./values.ts";

const found = (clause: Clause) => (target: Target) => {
  const { snapshot } = target;
  const query = withoutScores(clause(target));
  return snapshot.remember(keyOf(query), () => Bits.of(documents(query, snapshot), snapshot.maxDoc));
};

function bucket(parts: readonly Part[], subs: Subs): Record<string, unknown> {
  return { doc_count: docCount(parts), ...subResults(subs, parts).json };
}

/** One bucket with the documents that a query matches. */
export const filter: AggregationParser = (body, _source, { query }) => {
  const clause = query(body);
  return (subs) => (parts) => {
    const inside = within(parts, found(clause));
    return { kind: "filter", json: bucket(inside, subs), value: () => docCount(inside) };
  };
};

/** A bucket for each query, by name or in their order; another one for the other documents. */
export const filters: AggregationParser = (body, source, { name, query }) => {
  const named: { key: string; clause: Clause }[] = [];
  let anonymous = false;
  let otherKey = "_other_";
  let hasOther: boolean | undefined;
  let keyed = true;
  for (const { key, value } of body.entries) {
    if (key === "filters" && value.kind === "object") {
      for (const entry of value.entries) named.push({ key: entry.key, clause: query(entry.value) });
      named.sort((a, b) => (a.key < b.key ? -1 : 1));
    } else if (key === "filters" && value.kind === "array") {
      anonymous = true;
      for (const item of value.items) named.push({ key: "", clause: query(item) });
    } else if (key === "other_bucket" && value.kind === "boolean") {
      hasOther = value.value;
    } else if (key === "other_bucket_key" && value.kind === "string") {
      otherKey = value.value;
      hasOther ??= true;
    } else if (key === "keyed" && value.kind === "boolean") {
      keyed = booleanValue(value);
    } else {
      throw parsingException(source, value.start, `Unknown key for a ${tokenName(value)} in [${name}]: [${key}].`);
    }
  }
  if (named.length === 0) throw illegalArgument("[filters] cannot be empty.");
  return (subs) => (parts) => {
    const inside = named.map(({ key, clause }) => ({ key, parts: within(parts, found(clause)) }));
    if (hasOther === true)
      inside.push({
        key: otherKey,
        parts: rest(
          parts,
          inside.map(({ parts: one }) => one),
        ),
      });
    const buckets = inside.map(({ key, parts: one }) => [key, bucket(one, subs)] as const);
    if (anonymous) return { kind: "filters", json: { buckets: buckets.map(([, one]) => one) } };
    if (!keyed) return { kind: "filters", json: { buckets: buckets.map(([key, one]) => ({ key, ...one })) } };
    return { kind: "filters", json: { buckets: Object.fromEntries(buckets) } };
  };
};

function rest(parts: readonly Part[], taken: readonly (readonly Part[])[]): Part[] {
  return parts.map((part, at) => {
    const out = union(
      taken.map((one) => one[at]!.docs),
      part.target.snapshot,
    );
    return { ...part, docs: without(part.docs, out) };
  });
}

/** All documents of the indices, whatever the query. */
export const global: AggregationParser = () => (subs) => (parts) => {
  const all = parts.map((part) => ({
    ...part,
    docs: liveDocs(part.target.snapshot),
    scoreOf: () => undefined,
  }));
  return { kind: "global", json: bucket(all, subs), value: () => docCount(all) };
};

/** Documents without a value of the field. */
export const missing: AggregationParser = (body, source) => {
  const given = readValueSource("missing", body, source);
  const path = requireField(given);
  return (subs) => (parts) => {
    mappedField(parts, path);
    const isMissing = (target: Target) => (doc: number) =>
      given.missing === undefined && target.snapshot.values(path, doc) === undefined;
    const inside = narrowed(parts, isMissing);
    return { kind: "missing", json: bucket(inside, subs), value: () => docCount(inside) };
  };
};
