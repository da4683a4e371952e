import { readFileSync } from "node:fs";
import { round } from "../comparer/compare.ts";
import { parseRequests, type Request } from "./request.ts";

/** A sequence of requests to an empty server. The embedded server refuses those of `beyond`. */
export type Scenario = { readonly name: string; readonly requests: readonly Request[] };

const files = [
  "documents",
  "bulks",
  "indices",
  "neighbours",
  "searches",
  "details",
  "multiSearches",
  "answers",
  "aggregations",
  "shards",
  "blocks",
  "pits",
  "prefixes",
  "compared",
  "beyond",
];

/** All recorded requests: hand-written and random ones. */
export function scenarios(): Scenario[] {
  const byHand = files.map((name) => {
    const text = readFileSync(new URL(`requests/${name}.txt`, import.meta.url), "utf8");
    return { name, requests: parseRequests(text) };
  });
  const random = [201, 202, 203].map((seed) => ({ name: `random ${seed}`, requests: round(seed, 200) }));
  return [...byHand, ...random];
}

/** The first requests of every scenario. */
export const emptying: Request = {
  method: "DELETE",
  path: "/a,al2,auto,compared,d,d2,m1,m2,m3,nope,nope2,s,x?ignore_unavailable=true",
};
