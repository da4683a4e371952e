import { illegalArgument } from "../json/failure.ts";
import { float } from "../json/numbers.ts";
import { type Hit, hitOrder } from "../search/best.ts";
import { hitWriter } from "../search/fetch.ts";
import { isSortedByScore } from "../search/request.ts";
import { sorter } from "../search/sort.ts";
import type { AggregationParser } from "./parsers.ts";

const maxWindow = 100;

const tooLarge = (name: string, window: number) =>
  illegalArgument(
    `Top hits result window is too large, the top hits aggregator [${name}]'s from + size must be less than or equal to: [${maxWindow}] but was [${window}]. This limit can be set by changing the [index.max_inner_result_window] index level setting.`,
  );

/** The best hits of a bucket: a nested search over its documents. */
export const topHits: AggregationParser = (body, _source, { name, request: parse }) => {
  const request = parse(body);
  if (!body.entries.some(({ key }) => key === "size")) request.size = 3;
  return () => (parts) => {
    const window = request.from + request.size;
    if (window > maxWindow) throw tooLarge(name, window);
    const isUsual = isSortedByScore(request);
    const sorters = parts.map(({ target }) => (isUsual ? [] : request.sort.map((spec) => sorter(spec, target))));
    const hits = parts.flatMap(({ target, docs, scoreOf }, at) =>
      Array.from(docs, (doc): Hit => {
        const score = scoreOf(doc) ?? 1;
        return { target, doc, score, values: sorters[at]!.map((one) => one.value(doc, score)) };
      }),
    );
    const top = hits.toSorted(hitOrder(sorters[0] ?? [])).slice(request.from, request.from + request.size);
    const scored = isUsual || request.trackScores;
    const best = scored && hits.length > 0 ? float(Math.max(...hits.map(({ score }) => score))) : null;
    const writers = parts.map(({ target }, at) => hitWriter(request, target, sorters[at]!, scored, undefined));
    const json = {
      total: { value: hits.length, relation: "eq" },
      max_score: best,
      hits: top.map((hit) => writers[parts.findIndex(({ target }) => target === hit.target)]!(hit)),
    };
    return { kind: "top_hits", json: { hits: json } };
  };
};
