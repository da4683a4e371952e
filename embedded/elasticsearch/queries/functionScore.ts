import { Bits } from "../index/bits.ts";
import type { Snapshot } from "../index/snapshot.ts";
import { Failure } from "../json/failure.ts";
import { type Node, type ObjectNode, text } from "../json/node.ts";
import { floatValue, parsingException } from "../json/reader.ts";
import { didYouMean } from "../json/similar.ts";
import type { Source } from "../json/source.ts";
import { documents } from "../scoring/execute.ts";
import { isMatchNone, keyOf, matchAll, matchNone, type Query, type Rescorer } from "../scoring/query.ts";
import { withoutScores } from "../scoring/rewrite.ts";
import { constantOf, newCommon, readCommon, withCommon } from "./common.ts";
import type { Clause, QueryParser, Target } from "./context.ts";
import { fieldValueFactor, type ScoreFunction } from "./scoreFunctions.ts";

const scoreModes = ["first", "avg", "max", "sum", "min", "multiply"] as const;
const boostModes = ["multiply", "replace", "sum", "avg", "max", "min"] as const;
type Mode = (typeof scoreModes)[number];

type Entry = { filter: Clause | undefined; weight: number | undefined; make: ScoreFunction | undefined };
type Ready = { docs: Bits | undefined; weight: number | undefined; factor: (doc: number) => number };

const { fround } = Math;
const maxFloat = fround(3.4028234663852886e38);
const javaPackage = "common.lucene.search.function";

/** Scores by functions of the document: `field_value_factor` and `weight`, each for the documents that match its filter. */
export const functionScore: QueryParser = (body, source, inner) => {
  const common = newCommon();
  let query: Clause = () => matchAll;
  let entries: Entry[] = [];
  let scoreMode: Mode = "multiply";
  let boostMode: (typeof boostModes)[number] = "multiply";
  let maxBoost = maxFloat;
  let minScore: number | undefined;
  let single: string | undefined;
  for (const { key, value } of body.entries) {
    if (key === "query" && value.kind === "object") query = inner(value);
    else if (key === "score_mode")
      scoreMode = constantOf(text(value) ?? "", scoreModes, `${javaPackage}.FunctionScoreQuery.ScoreMode`);
    else if (key === "boost_mode")
      boostMode = constantOf(text(value) ?? "", boostModes, `${javaPackage}.CombineFunction`);
    else if (key === "max_boost") maxBoost = fround(floatValue(value));
    else if (key === "min_score") minScore = fround(floatValue(value));
    else if (readCommon(common, key, value, () => ({ function_score: {} }))) continue;
    else if (key === "functions" && value.kind === "array") {
      if (single !== undefined) throw either(source, value, `already found [${single}], now encountering [functions].`);
      entries = value.items.map((item) => parseEntry(item, source, inner));
      single = "functions";
    } else {
      if (value.kind !== "object" && key !== "weight") throw notSupported(source, value, key);
      if (single === "functions")
        throw either(source, value, `already found [functions] array, now encountering [${key}].`);
      if (single !== undefined) throw either(source, value, `already found [${single}], now encountering [${key}].`);
      entries = [{ filter: undefined, ...parseFunction(key, value, source) }];
      single = key;
    }
  }
  const options = { scoreMode, boostMode, maxBoost, minScore };
  const shown = JSON.stringify(options) + source.text.slice(body.start, body.end);
  return withCommon(common, (target) => scored(query, entries, options, shown, target));
};

function either(source: Source, value: Node, sentence: string): Failure {
  const reason = `failed to parse [function_score] query. [you can either define [functions] array or a single function, not both. ${sentence}]`;
  return parsingException(source, value.start, reason);
}

function notSupported(source: Source, value: Node, key: string): Failure {
  const what = value.kind === "array" ? "array" : "field";
  return parsingException(
    source,
    value.start,
    `failed to parse [function_score] query. ${what} [${key}] is not supported`,
  );
}

function parseFunction(
  key: string,
  value: Node,
  source: Source,
): { weight: number | undefined; make: ScoreFunction | undefined } {
  if (key === "weight") return { weight: fround(floatValue(value)), make: undefined };
  if (key === "field_value_factor") return { weight: undefined, make: fieldValueFactor(value as ObjectNode, source) };
  if (["random_score", "script_score", "gauss", "linear", "exp"].includes(key)) {
    throw parsingException(source, value.start, `this server has no score function [${key}]`);
  }
  const causedBy = new Failure(
    "named_object_not_found_exception",
    `[${source.at(value.start)}] unknown field [${key}]`,
  );
  const known = ["weight", "field_value_factor", "random_score", "script_score", "gauss", "linear", "exp"];
  throw parsingException(
    source,
    value.start,
    `unknown query [function_score]${didYouMean("function_score", known)}`,
    causedBy,
  );
}

function parseEntry(item: Node, source: Source, inner: (node: Node) => Clause): Entry {
  if (item.kind !== "object") {
    const reason = `failed to parse [function_score]. malformed query, expected a [START_OBJECT] while parsing functions but got a [VALUE] instead`;
    throw parsingException(source, item.start, reason);
  }
  const entry: Entry = { filter: undefined, weight: undefined, make: undefined };
  for (const { key, value } of item.entries) {
    if (key === "weight") entry.weight = fround(floatValue(value));
    else if (value.kind !== "object") throw notSupported(source, value, key);
    else if (key === "filter") {
      const clause = inner(value);
      // A filter that matches everything counts as none: its function, if the only one, is then not averaged.
      entry.filter = value.entries[0]?.key === "match_all" ? undefined : clause;
    } else {
      if (entry.make !== undefined)
        throw parsingException(source, value.start, "failed to parse [function_score]. already found a function");
      entry.make = parseFunction(key, value, source).make;
    }
  }
  if (entry.make === undefined && entry.weight === undefined) {
    const reason = "failed to parse [function_score] query. an entry in functions list is missing a function.";
    throw parsingException(source, item.end - 1, reason);
  }
  return entry;
}

type Options = {
  scoreMode: Mode;
  boostMode: (typeof boostModes)[number];
  maxBoost: number;
  minScore: number | undefined;
};

function scored(clause: Clause, entries: readonly Entry[], options: Options, shown: string, target: Target): Query {
  const made = entries.map(({ filter, weight, make }) => ({
    filter: filter === undefined ? undefined : withoutScores(filter(target)),
    weight,
    make: make?.(target),
  }));
  const query = clause(target);
  if (isMatchNone(query)) return matchNone;
  const { minScore } = options;
  // A single function for all documents needs no averaging.
  const scoreMode = entries.length === 1 && entries[0]!.filter === undefined ? "sum" : options.scoreMode;
  return {
    k: "rescore",
    key: shown + made.map(({ filter }) => (filter === undefined ? "" : keyOf(filter))).join(),
    query,
    beside: made.flatMap(({ filter }) => (filter === undefined ? [] : [filter])),
    prepare: (snapshot: Snapshot): Rescorer => {
      const ready = made.map(
        ({ filter, weight, make }): Ready => ({
          docs: filter === undefined ? undefined : Bits.of(documents(filter, snapshot), snapshot.maxDoc),
          weight,
          factor: make?.(snapshot) ?? (() => 1),
        }),
      );
      return (doc, score) => {
        const result = entries.length === 0 ? score : combine(score, factorOf(doc, ready, scoreMode), options);
        return minScore !== undefined && result < minScore ? undefined : result;
      };
    },
  };
}

function factorOf(doc: number, functions: readonly Ready[], mode: Mode): number {
  const [only] = functions;
  if (functions.length === 1 && only!.docs === undefined) return only!.factor(doc) * (only!.weight ?? 1);
  const fitting = functions.filter(({ docs }) => docs === undefined || docs.has(doc));
  if (fitting.length === 0) return 1;
  const values = fitting.map(({ weight, factor }) => factor(doc) * (weight ?? 1));
  switch (mode) {
    case "first":
      return values[0]!;
    case "max":
      return Math.max(...values);
    case "min":
      return Math.min(...values);
    case "multiply":
      return values.reduce((product, value) => product * value, 1);
    default: {
      const sum = values.reduce((total, value) => total + value, 0);
      return mode === "sum" ? sum : sum / fitting.reduce((total, { weight }) => total + (weight ?? 1), 0);
    }
  }
}

function combine(score: number, factor: number, { boostMode, maxBoost }: Options): number {
  const capped = Math.min(factor, maxBoost);
  switch (boostMode) {
    case "multiply":
      return toFloat(score * capped);
    case "replace":
      return toFloat(capped);
    case "sum":
      return toFloat(score + capped);
    case "avg":
      return toFloat((capped + score) / 2);
    case "max":
      return toFloat(Math.max(score, capped));
    case "min":
      return toFloat(Math.min(score, capped));
  }
}

const toFloat = (value: number) => fround(value);
