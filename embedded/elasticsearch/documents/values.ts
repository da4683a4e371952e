import { isWhole } from "../indices/fieldTypes.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { javaText, type Node, text, tokenName } from "../json/node.ts";
import type { Source } from "../json/source.ts";
import { defaultFormat, parseDate } from "./dates.ts";

const bounds: Readonly<Record<string, readonly [number, number]>> = {
  long: [-(2 ** 63), 2 ** 63],
  integer: [-(2 ** 31), 2 ** 31 - 1],
  short: [-(2 ** 15), 2 ** 15 - 1],
  byte: [-128, 127],
};

/** The failure for a value that its field cannot hold; `preview` is the value as Java prints it. */
export function unreadable(
  source: Source,
  node: Node,
  at: number,
  path: string,
  type: string,
  id: string,
  causedBy: Failure,
): Failure {
  const preview = javaText(node);
  const shown = preview.length > 50 ? `${preview.slice(0, 50)}...` : preview;
  const reason = `failed to parse field [${path}] of type [${type}] in document with id '${id}'. Preview of field's value: '${shown}'`;
  return new Failure("document_parsing_exception", `[${source.at(at)}] ${reason}`, { causedBy });
}

/** The JSON parser's error for a token that is no number or boolean where one is expected. */
function jsonComplaint(source: Source, node: Node, sentence: string): Failure {
  const { line, col } = source.place(node.end);
  const full = `${sentence}\n at [Source: (byte[])"${source.text.slice(0, 500)}"; line: ${line}, column: ${col}]`;
  const causedBy = new Failure(
    sentence.startsWith("Numeric") ? "input_coercion_exception" : "json_parse_exception",
    full,
  );
  return new Failure("x_content_parse_exception", `[${line}:${col}] ${full}`, { causedBy });
}

/** A number for a field of a numeric type. */
export function numberValue(source: Source, node: Node, type: string): number {
  if (node.kind === "object") throw illegalArgument("Cannot parse object as number");
  if (node.kind === "boolean") {
    const sentence = `Current token (VALUE_${String(node.value).toUpperCase()}) not numeric, can not use numeric value accessors`;
    throw jsonComplaint(source, node, sentence);
  }
  const raw = text(node)!;
  const value = Number(raw);
  if (raw.trim() === "" || Number.isNaN(value)) {
    const complaint = `For input string: "${raw}"`;
    if (type === "long") throw illegalArgument(complaint);
    throw new Failure("number_format_exception", raw.trim() === "" ? "empty String" : complaint);
  }
  // The largest longs are rounded to the number above them.
  if (type === "long" && value === 2 ** 63 && /^\d+$/.test(raw) && BigInt(raw) < 2n ** 63n) return value;
  return inRange(value, type, () => {
    if (type === "long" && node.kind === "number") {
      const sentence = `Numeric value (${raw}) out of range of long (-9223372036854775808 - 9223372036854775807)`;
      return jsonComplaint(source, node, sentence);
    }
    if (
      node.kind === "number" &&
      (type === "integer" || Math.abs(value) >= 2 ** 31) &&
      type !== "double" &&
      type !== "float"
    ) {
      const sentence = `Numeric value (${raw}) out of range of int (-2147483648 - 2147483647)`;
      return jsonComplaint(source, node, sentence);
    }
    return illegalArgument(outOfRange(raw, value, type));
  });
}

function outOfRange(raw: string, value: number, type: string): string {
  if (type === "float" || type === "double")
    return `[${type}] supports only finite values, but got [${value > 0 ? "" : "-"}Infinity]`;
  return `Value [${raw}] is out of range for ${type === "integer" ? "an" : "a"} ${type}`;
}

/** The number as the type stores it: an integer, or a float32. */
export function inRange(value: number, type: string, failure: () => Failure): number {
  const kept = isWhole(type) ? Math.trunc(value) + 0 : type === "float" ? Math.fround(value) : value;
  const [low, high] = bounds[type] ?? [-Number.MAX_VALUE, Number.MAX_VALUE];
  if (kept < low || kept > high || (type === "long" && kept === high)) throw failure();
  return kept;
}

export function booleanOf(source: Source, node: Node): boolean {
  if (node.kind === "boolean") return node.value;
  if (node.kind === "string") {
    if (node.value === "true") return true;
    if (node.value === "false" || node.value === "") return false;
    throw illegalArgument(`Failed to parse value [${node.value}] as only [true] or [false] are allowed.`);
  }
  const token =
    node.kind === "number" ? (/[.eE]/.test(node.raw) ? "VALUE_NUMBER_FLOAT" : "VALUE_NUMBER_INT") : tokenName(node);
  const named = node.kind === "object" ? { ...node, end: node.start + 1 } : node;
  throw jsonComplaint(source, named, `Current token (${token}) not of boolean type`);
}

/** Milliseconds of a date field's value. */
export function dateOf(source: Source, node: Node, format: string = defaultFormat): number {
  if (node.kind === "object") throw textExpected(source, node);
  return parseDate(text(node)!, format);
}

export function textExpected(source: Source, node: Node): Failure {
  return illegalArgument(`Expected text at ${source.at(node.start)} but found START_OBJECT`);
}
