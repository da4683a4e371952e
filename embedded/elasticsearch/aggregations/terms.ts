import { type Column, valuesAt } from "../index/column.ts";
import { compareTerms } from "../index/terms.ts";
import { isNumber, isWhole } from "../indices/fieldTypes.ts";
import type { Field } from "../indices/mapping.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { type Node, text } from "../json/node.ts";
import { booleanValue, intValue, parsingException } from "../json/reader.ts";
import { queryBoolean } from "../queries/fieldValues.ts";
import { type Aggregation, type Part, type Result, subResults } from "./aggregation.ts";
import type { AggregationParser } from "./parsers.ts";
import { keyJson, mappedField, readValueSource, requireField } from "./values.ts";

type Key = string | number;
type Order = { readonly path: string; readonly ascending: boolean };
type Bucket = {
  readonly key: Key;
  readonly count: number;
  readonly parts: readonly Part[];
  results?: ReturnType<typeof subResults>;
};

/** A bucket for each value of a field: the most frequent first, equal ones by key. */
export const terms: AggregationParser = (body, source, { name }) => {
  let size = 10;
  let minCount = 1;
  let shardSize = 0;
  let shardMinCount = 0;
  let orders: readonly Order[] = [{ path: "_count", ascending: false }];
  let include: ((key: string) => boolean) | undefined;
  let exclude: ((key: string) => boolean) | undefined;
  const positive = (value: Node, what: string, least: number) => {
    const number = intValue(value);
    if (number < least)
      throw illegalArgument(
        `[${what}] must be greater than ${least === 1 ? "0" : "or equal to 0"}. Found [${number}] in [${name}]`,
      );
    return number;
  };
  const given = readValueSource("terms", body, source, {
    size: (value) => {
      size = positive(value, "size", 1);
    },
    shard_size: (value) => {
      shardSize = positive(value, "shard_size", 1);
    },
    min_doc_count: (value) => {
      minCount = positive(value, "minDocCount", 0);
    },
    shard_min_doc_count: (value) => {
      shardMinCount = positive(value, "shardMinDocCount", 0);
    },
    order: (value) => {
      orders = parseOrder(value);
    },
    include: (value) => {
      include = matcher(value);
    },
    exclude: (value) => {
      exclude = matcher(value);
    },
    show_term_doc_count_error: (value) => void booleanValue(value),
    execution_hint: () => {},
    collect_mode: (value) => {
      const mode = text(value) ?? "";
      if (mode !== "depth_first" && mode !== "breadth_first")
        throw new Failure("parse_exception", `no [collect_mode] found for value [${mode}]`);
    },
    value_type: () => {},
  });
  const path = requireField(given);

  function parseOrder(value: Node): Order[] {
    const items = value.kind === "array" ? value.items : [value];
    return items.flatMap((item) => {
      if (item.kind !== "object")
        throw parsingException(source, item.start, `Unexpected token [${item.kind}] for [order]`);
      return item.entries.map(({ key, value: direction }) => {
        const word = (text(direction) ?? "").toLowerCase();
        if (word !== "asc" && word !== "desc")
          throw parsingException(source, direction.start, `Unknown order direction [${text(direction)}]`);
        return { path: key, ascending: word === "asc" };
      });
    });
  }

  return (subs) => {
    return (parts) => {
      for (const order of orders) checkOrder(order, subs.all);
      const field = mappedField(parts, path);
      const grouping = { withEmpty: minCount === 0, withDocs: subs.all.length > 0 };
      const allowed = (key: Key) => (include?.(shown(key, field)) ?? true) && !(exclude?.(shown(key, field)) ?? false);
      const buckets = group(parts, path, missingKey(given.missing, field), grouping)
        .filter(({ key, count }) => allowed(key) && count >= Math.min(shardMinCount, minCount))
        .map((one): Bucket => ({ ...one, results: subResults(subs, one.parts) }))
        .toSorted(bucketOrder(orders));
      // Each index has one shard; with several, the buckets of all are considered.
      const looked = parts.length > 1 ? buckets.length : sizeOfShard(shardSize, size, orders);
      const frequent = buckets.slice(0, looked).filter(({ count }) => count >= minCount);
      const top = frequent.slice(0, size);
      const json = {
        doc_count_error_upper_bound: parts.length === 1 && buckets.length >= looked && isUnsure(orders) ? -1 : 0,
        sum_other_doc_count: countOf(frequent.slice(size)) + countOf(buckets.slice(looked)),
        buckets: top.map(({ key, count, results }) => ({
          ...keyJson(key, field, given.format),
          doc_count: count,
          ...results!.json,
        })),
      };
      return { kind: kindOf(field), json } satisfies Result;
    };
  };
};

const countOf = (buckets: readonly Bucket[]) => buckets.reduce((sum, { count }) => sum + count, 0);

/**
 * Returns the number of buckets that a shard passes on, before those with too few documents are left out: more than are shown,
 * unless they are ordered by key.
 */
function sizeOfShard(asked: number, size: number, orders: readonly Order[]): number {
  const byKeys = orders[0]?.path === "_key";
  return Math.max(size, asked > 0 ? asked : byKeys ? size : Math.trunc(size * 1.5 + 10));
}

/** Returns whether buckets that a shard left out may belong before those it passed on, by an unknown number of documents. */
const isUnsure = ([order]: readonly Order[]) =>
  order !== undefined && order.path !== "_key" && (order.path !== "_count" || order.ascending);

function kindOf(field: Field | undefined): string {
  if (field === undefined) return "umterms";
  if (field.type === "keyword") return "sterms";
  return isNumber(field.type) && !isWhole(field.type) ? "dterms" : "lterms";
}

const shown = (key: Key, field: Field | undefined) => (field?.type === "boolean" ? String(key === 1) : String(key));

function missingKey(missing: string | undefined, field: Field | undefined): Key | undefined {
  if (missing === undefined || field === undefined || field.type === "keyword") return missing;
  return field.type === "boolean" ? queryBoolean(missing) : Number(missing);
}

/** A list of values, or a regular expression, as far as its syntax means the same in Lucene and JavaScript. */
function matcher(value: Node): (key: string) => boolean {
  if (value.kind === "array") {
    const values = new Set(value.items.map((item) => text(item) ?? ""));
    return (key) => values.has(key);
  }
  if (value.kind === "object") throw illegalArgument("this server has no partitions of terms");
  const pattern = patternOf(text(value) ?? "");
  return (key) => pattern.test(key);
}

function patternOf(expression: string): RegExp {
  try {
    return new RegExp(`^(?:${expression})$`, "us");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Lucene's message for an unclosed bracket, the most frequent error.
    throw illegalArgument("unexpected end-of-string");
  }
}

/** The buckets: with their documents if sub-aggregations or an order need them, else only counted. */
function group(parts: readonly Part[], path: string, missing: Key | undefined, options: Grouping): Bucket[] {
  const buckets = new Map<Key, Gathered>();
  parts.forEach(({ target, docs }, at) => {
    const { snapshot } = target;
    if (options.withEmpty) {
      for (const { segment } of snapshot.leaves) {
        const column = segment.column(path);
        for (const key of column === undefined ? [] : keysOf(column)) slotOf(buckets, key, parts.length);
      }
    }
    const add = (slot: Gathered, doc: number) => {
      slot.count += 1;
      if (options.withDocs) slot.docs[at]!.push(doc);
    };
    // Terms are counted by their numbers: looking up each bucket by its text would take longer than counting.
    const byNumber: Gathered[] = [];
    let doc = 0;
    const count = snapshot.reader(path, (column, place) => {
      const { starts, values, dictionary } = column;
      if (dictionary === undefined) {
        for (const key of distinctAt(column, place)) add(slotOf(buckets, key, parts.length), doc);
        return true;
      }
      for (let next = starts[place]!; next < starts[place + 1]!; next++) {
        const number = values[next]!;
        byNumber[number] ??= slotOf(buckets, dictionary.terms[number]!, parts.length);
        add(byNumber[number]!, doc);
      }
      return true;
    });
    for (let index = 0; index < docs.length; index++) {
      doc = docs[index]!;
      if (count(doc) === undefined && missing !== undefined) add(slotOf(buckets, missing, parts.length), doc);
    }
  });
  return [...buckets].map(([key, { count, docs }]) => ({
    key,
    count,
    parts: parts.map((part, at) => ({ ...part, docs: Int32Array.from(docs[at]!) })),
  }));
}

type Grouping = { readonly withEmpty: boolean; readonly withDocs: boolean };
type Gathered = { count: number; readonly docs: readonly number[][] };

function slotOf(buckets: Map<Key, Gathered>, key: Key, parts: number): Gathered {
  let slot = buckets.get(key);
  if (slot === undefined) {
    slot = { count: 0, docs: Array.from({ length: parts }, () => []) };
    buckets.set(key, slot);
  }
  return slot;
}

const keysOf = ({ values, dictionary }: Column): readonly Key[] =>
  [...new Set<number>(values)].map((value) => dictionary?.terms[value] ?? value);

function distinctAt(column: Column, doc: number): readonly Key[] {
  const values = valuesAt(column, doc)!;
  return values.length === 1 ? values : [...new Set(values)];
}

function checkOrder({ path }: Order, subs: readonly Aggregation[]): void {
  if (path === "_count" || path === "_key") return;
  const [name = ""] = path.split(/[.>]/);
  if (subs.some((one) => one.name === name)) return;
  const causedBy = illegalArgument(`Cannot find aggregation named [${name}]`);
  throw new OrderFailure(`Invalid aggregation order path [${path}]. Cannot find aggregation named [${name}]`, causedBy);
}

/** Elasticsearch detects an invalid order before it asks the shards. */
export class OrderFailure extends Failure {
  constructor(reason: string, causedBy: Failure) {
    super("illegal_argument_exception", reason, { causedBy });
  }
}

const byKey = (a: Bucket, b: Bucket) =>
  typeof a.key === "number" && typeof b.key === "number" ? a.key - b.key : compareTerms(String(a.key), String(b.key));

function bucketOrder(orders: readonly Order[]): (a: Bucket, b: Bucket) => number {
  return (a, b) => {
    for (const { path, ascending } of orders) {
      const order = path === "_key" ? byKey(a, b) : compareNumbers(orderValue(a, path), orderValue(b, path), ascending);
      if (order !== 0) return ascending || path !== "_key" ? order : -order;
    }
    return byKey(a, b);
  };
}

/** NaN comes last, whatever the direction. */
function compareNumbers(a: number, b: number, ascending: boolean): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) === Number.isNaN(b) ? 0 : Number.isNaN(a) ? 1 : -1;
  return ascending ? a - b : b - a;
}

function orderValue({ count, results }: Bucket, path: string): number {
  if (path === "_count") return count;
  const [name = "", key] = path.split(/[.>]/);
  return results!.results.get(name)?.value?.(key) ?? Number.NaN;
}
