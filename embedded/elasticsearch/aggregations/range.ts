import { illegalArgument } from "../json/failure.ts";
import { type Node, type ObjectNode, text } from "../json/node.ts";
import { double, doubleText } from "../json/numbers.ts";
import { booleanValue, floatValue, parsingException } from "../json/reader.ts";
import { docCount, narrowed, subResults } from "./aggregation.ts";
import type { AggregationParser } from "./parsers.ts";
import { numericField, readValueSource, requireField } from "./values.ts";

type Range = { key: string | undefined; from: number | undefined; to: number | undefined };

/** Buckets of numbers from an inclusive to an exclusive bound. */
export const range: AggregationParser = (body, source, { name }) => {
  let ranges: Range[] = [];
  let keyed = false;
  const given = readValueSource("range", body, source, {
    ranges: (value) => {
      ranges = (value.kind === "array" ? value.items : []).map(parseRange);
    },
    keyed: (value) => {
      keyed = booleanValue(value);
    },
  });
  const path = requireField(given);
  if (ranges.length === 0) throw illegalArgument(`No [ranges] specified for the [${name}] aggregation`);

  function parseRange(node: Node): Range {
    if (node.kind !== "object") throw parsingException(source, node.start, "a range must be an object");
    const parsed: Range = { key: undefined, from: undefined, to: undefined };
    for (const { key, value } of (node as ObjectNode).entries) {
      if (key === "key") parsed.key = text(value) ?? undefined;
      else if ((key === "from" || key === "to") && value.kind === "null") continue;
      else if (key === "from" || key === "to") parsed[key] = floatValue(value);
      else throw parsingException(source, value.start, `[range] unknown field [${key}]`);
    }
    return parsed;
  }

  const low = ({ from }: Range) => from ?? Number.NEGATIVE_INFINITY;
  const high = ({ to }: Range) => to ?? Number.POSITIVE_INFINITY;
  const sorted = ranges.toSorted((a, b) => low(a) - low(b) || high(a) - high(b));
  return (subs) => (parts) => {
    numericField(parts, path, "range");
    const buckets = sorted.map((one) => {
      const inside = narrowed(parts, ({ snapshot }) => (doc) => {
        const values =
          (snapshot.values(path, doc) as readonly number[] | undefined) ??
          (given.missing === undefined ? [] : [Number(given.missing)]);
        return values.some((value) => value >= low(one) && value < high(one));
      });
      const key = one.key ?? `${bound(one.from)}-${bound(one.to)}`;
      const bounds = {
        ...(one.from === undefined ? {} : { from: double(one.from) }),
        ...(one.to === undefined ? {} : { to: double(one.to) }),
      };
      return { key, json: { ...bounds, doc_count: docCount(inside), ...subResults(subs, inside).json } };
    });
    if (keyed)
      return { kind: "range", json: { buckets: Object.fromEntries(buckets.map(({ key, json }) => [key, json])) } };
    return { kind: "range", json: { buckets: buckets.map(({ key, json }) => ({ key, ...json })) } };
  };
};

const bound = (value: number | undefined) => (value === undefined ? "*" : doubleText(value));
