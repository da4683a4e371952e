import { Failure, illegalArgument } from "../json/failure.ts";
import { type Entry, type Node, type ObjectNode, text } from "../json/node.ts";
import { readObject } from "../json/reader.ts";
import type { Source } from "../json/source.ts";
import { constantOf } from "../queries/common.ts";
import type { SortSpec } from "./sort.ts";

const modes = ["min", "max", "sum", "avg", "median"] as const;

/** `sort` of a request: a field, an object, or a list of them. */
export function parseSort(node: Node, source: Source): SortSpec[] {
  const items = node.kind === "array" ? node.items : [node];
  return items.flatMap((item) => {
    if (item.kind === "string") return [simple(item.value, undefined)];
    if (item.kind === "object") return item.entries.map((entry) => parseEntry(entry, source));
    throw illegalArgument("malformed sort format, within the sort array, an object, or an actual string are allowed");
  });
}

/** `sort=field:desc,other` of the URL. */
export function parseSortParameter(value: string): SortSpec[] {
  return value.split(",").flatMap((part) => {
    const at = part.lastIndexOf(":");
    if (at < 0) return simple(part, undefined);
    const order = part.slice(at + 1);
    // An unknown direction is no error: the part is ignored.
    return order === "asc" || order === "desc" ? simple(part.slice(0, at), order) : [];
  });
}

function simple(field: string, order: "asc" | "desc" | undefined): SortSpec {
  const descending = order === undefined ? field === "_score" : order === "desc";
  return { field, descending, missing: "_last", mode: undefined, unmapped: undefined, format: undefined };
}

const orderOf = (value: string) => constantOf(value, ["asc", "desc"], "search.sort.SortOrder");

function parseEntry({ key, value }: Entry, source: Source): SortSpec {
  if (value.kind !== "object") return simple(key, orderOf(text(value) ?? ""));
  const spec: { -readonly [Name in keyof SortSpec]: SortSpec[Name] } = simple(key, undefined);
  const parserName = key === "_score" ? "_score" : "field_sort";
  const fields = key === "_score" ? { order } : { order, missing, mode, unmapped_type, format, numeric_type: ignore };
  readObject(source, parserName, value as ObjectNode, fields);
  return spec;

  function order(node: Node) {
    spec.descending = orderOf(text(node) ?? "") === "desc";
  }
  function missing(node: Node) {
    spec.missing = text(node) ?? "_last";
  }
  function mode(node: Node) {
    const name = text(node) ?? "";
    const found = modes.find((one) => one === name.toLowerCase());
    if (found === undefined) throw illegalArgument(`Unknown SortMode [${name}]`);
    spec.mode = found;
  }
  function unmapped_type(node: Node) {
    spec.unmapped = text(node) ?? undefined;
  }
  function format(node: Node) {
    spec.format = text(node) ?? undefined;
  }
  function ignore() {
    throw new Failure("illegal_argument_exception", "this server has no [numeric_type] of a sort");
  }
}
