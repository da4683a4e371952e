import { Failure } from "./failure.ts";
import { type Entry, type Node, type ObjectNode, text, tokenName } from "./node.ts";
import { didYouMean } from "./similar.ts";
import type { Source } from "./source.ts";

/** `parsing_exception` with a location: its line and column are separate fields. */
export function parsingException(source: Source, at: number, reason: string, causedBy?: Failure): Failure {
  return new Failure("parsing_exception", reason, { meta: source.place(at), causedBy, at });
}

export function xContentException(source: Source, at: number, reason: string, causedBy?: Failure): Failure {
  return new Failure("x_content_parse_exception", `[${source.at(at)}] ${reason}`, { causedBy, at });
}

export type FieldReader = (value: Node, entry: Entry) => void;

/**
 * Reads an object as Elasticsearch's ObjectParser does: each field by its reader; an unknown field and a failing reader are errors
 * that name the parser. `kinds` lists the tokens that a field accepts, if not all.
 */
export function readObject(
  source: Source,
  name: string,
  node: ObjectNode,
  fields: Readonly<Record<string, FieldReader>>,
  kinds: Readonly<Record<string, readonly Node["kind"][]>> = {},
): void {
  for (const entry of node.entries) {
    const read = Object.hasOwn(fields, entry.key) ? fields[entry.key] : undefined;
    if (read === undefined) {
      const unknown = `[${name}] unknown field [${entry.key}]${didYouMean(entry.key, Object.keys(fields))}`;
      const failure = xContentException(source, entry.at, unknown);
      failure.at = entry.value.start;
      throw failure;
    }
    const allowed = kinds[entry.key];
    if (allowed !== undefined && !allowed.includes(entry.value.kind)) {
      const values = `${entry.key} doesn't support values of type: ${tokenName(entry.value)}`;
      throw xContentException(source, entry.value.start, `[${name}] ${values}`);
    }
    try {
      read(entry.value, entry);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const at = error.at ?? lastToken(entry.value);
      throw xContentException(source, at, `[${name}] failed to parse field [${entry.key}]`, error);
    }
  }
}

/** Where the last token of a value begins. */
export const lastToken = (node: Node) => (node.kind === "object" || node.kind === "array" ? node.end - 1 : node.start);

/** A whole number from a number or a string, as `intValue` reads it. */
export function intValue(node: Node): number {
  const raw = text(node);
  const value = raw === null ? Number.NaN : Number(raw);
  if (raw === null || raw.trim() === "" || Number.isNaN(value)) {
    throw new Failure("number_format_exception", `For input string: "${raw}"`);
  }
  return Math.trunc(value);
}

export function floatValue(node: Node): number {
  const raw = text(node) ?? "";
  const value = Number(raw);
  if (raw.trim() === "" || Number.isNaN(value))
    throw new Failure("number_format_exception", `For input string: "${raw}"`);
  return value;
}

export function booleanValue(node: Node): boolean {
  if (node.kind === "boolean") return node.value;
  const raw = text(node);
  if (raw === "true" || raw === "false") return raw === "true";
  throw new Failure(
    "illegal_argument_exception",
    `Failed to parse value [${raw}] as only [true] or [false] are allowed.`,
  );
}

/** A list of strings, or one. */
export function textList(node: Node): string[] {
  return (node.kind === "array" ? node.items : [node]).map((item) => text(item) ?? "");
}
