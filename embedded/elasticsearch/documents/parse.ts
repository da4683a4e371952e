import { analyze } from "../analysis/analyzer.ts";
import type { Analysis } from "../analysis/configured.ts";
import type { Dictionaries } from "../index/dictionary.ts";
import { isNumber } from "../indices/fieldTypes.ts";
import type { Field, ObjectField } from "../indices/mapping.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { type Entry, type Node, type ObjectNode, text } from "../json/node.ts";
import { BrokenJson, brokenJson, parseJson } from "../json/parse.ts";
import { Source } from "../json/source.ts";
import { createTextField, type Document } from "./document.ts";
import { type Dynamics, dynamicField } from "./dynamic.ts";
import { stepsOf } from "./names.ts";
import { booleanOf, dateOf, numberValue, textExpected, unreadable } from "./values.ts";

type Gathered = {
  readonly texts: Map<string, ReturnType<typeof createTextField>>;
  readonly values: Map<string, (string | number)[]>;
  readonly ignored: Set<string>;
};
type Context = {
  readonly source: Source;
  readonly id: string;
  readonly analysis: Analysis;
  readonly dictionaries: Dictionaries;
  readonly dynamics: Dynamics;
};

/**
 * Parses a document by the mapping of its index. Unmapped fields are added to `dynamics`, refused or ignored, by its setting.
 * Throws document_parsing_exception or strict_dynamic_mapping_exception with the location in the JSON.
 */
export function parseDocument(
  id: string,
  json: string,
  mapping: ObjectField,
  { analysis, dictionaries }: { readonly analysis: Analysis; readonly dictionaries: Dictionaries },
  dynamics: Dynamics,
): Document {
  const source = new Source(json);
  const root = parseSource(source);
  if (root.kind !== "object")
    throw new Failure("document_parsing_exception", "Malformed content, must start with an object");
  const gathered: Gathered = { texts: new Map(), values: new Map(), ignored: new Set() };
  readObject(root, mapping, { source, id, analysis, dictionaries, dynamics }, gathered);
  return {
    id,
    source: json,
    texts: new Map([...gathered.texts].map(([path, field]) => [path, field.done()])),
    values: gathered.values,
    ignored: [...gathered.ignored].toSorted(),
  };
}

function parseSource(source: Source): Node {
  if (source.text.trim() === "")
    throw new Failure("document_parsing_exception", "[0:0] failed to parse, document is empty");
  try {
    const root = parseJson(source, false);
    const rest = source.text.slice(root.end).search(/\S/);
    if (rest >= 0) throw extraData(source.text[root.end + rest]!);
    return root;
  } catch (error) {
    if (!(error instanceof BrokenJson)) throw error;
    const causedBy = brokenJson(error);
    const at = source.at(error.lastToken);
    throw new Failure("document_parsing_exception", `[${at}] failed to parse: ${causedBy.reason}`, { causedBy });
  }
}

function extraData(first: string): Failure {
  const token = first === "{" ? "START_OBJECT" : first === "[" ? "START_ARRAY" : undefined;
  if (token === undefined)
    return new Failure("document_parsing_exception", "Malformed content, found extra data after parsing");
  return illegalArgument(`Malformed content, found extra data after parsing: ${token}`);
}

function readObject(node: ObjectNode, mapping: ObjectField, context: Context, into: Gathered): void {
  if (!mapping.enabled) return;
  for (const entry of node.entries) {
    const steps = stepsOf(entry, mapping.path, context.id, context.source);
    readMember(entry, steps, mapping, context, into);
  }
}

function readMember(
  entry: Entry,
  steps: readonly string[],
  mapping: ObjectField,
  context: Context,
  into: Gathered,
): void {
  const [name = "", ...rest] = steps;
  const property =
    mapping.properties.get(name) ?? dynamicField(entry, name, rest, mapping, context.source, context.dynamics);
  if (property === undefined) return;
  if (rest.length > 0) {
    if (property.kind === "object") {
      readMember(entry, rest, property, context, into);
      return;
    }
    const inner: ObjectNode = {
      kind: "object",
      entries: [{ ...entry, key: rest.join(".") }],
      start: entry.value.start,
      end: entry.value.end,
    };
    const causedBy = new Failure(
      "illegal_state_exception",
      `Can't get text on a START_OBJECT at ${context.source.at(entry.at)}`,
    );
    throw unreadable(context.source, inner, entry.value.start, property.path, property.type, context.id, causedBy);
  }
  if (property.kind === "object") readInner(entry.value, property, context, into);
  else readField(entry.value, property, context, into);
}

function readInner(node: Node, property: ObjectField, context: Context, into: Gathered): void {
  if (node.kind === "null") return;
  if (node.kind === "array") {
    for (const item of node.items) readInner(item, property, context, into);
    return;
  }
  if (node.kind === "object") {
    readObject(node, property, context, into);
    return;
  }
  if (!property.enabled) return;
  const [name] = property.path.split(".").slice(-1);
  const reason = `object mapping for [${property.path}] tried to parse field [${name}] as object, but found a concrete value`;
  throw new Failure("document_parsing_exception", `[${context.source.at(node.start)}] ${reason}`);
}

function readField(node: Node, field: Field, context: Context, into: Gathered): void {
  if (node.kind === "array") {
    for (const item of node.items) readField(item, field, context, into);
    return;
  }
  try {
    addValue(node, field, context, into);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (field.params.ignore_malformed === true) {
      into.ignored.add(field.path);
      return;
    }
    const at = node.kind === "object" ? node.end - 1 : node.start;
    throw unreadable(context.source, node, at, field.path, field.type, context.id, error);
  }
  for (const sub of field.fields.values()) readField(node, sub, context, into);
}

function addValue(node: Node, field: Field, context: Context, into: Gathered): void {
  const { source, analysis, dictionaries } = context;
  const { path, type, params } = field;
  const indexed = params.index !== false || params.doc_values !== false;
  if (type === "text") {
    if (node.kind === "object") throw textExpected(source, node);
    const value = text(node);
    if (value === null || params.index === false) return;
    const analyzer =
      analysis.analyzers.get(String(params.analyzer ?? "default")) ?? analysis.analyzers.get("standard")!;
    let gathered = into.texts.get(path);
    if (gathered === undefined) {
      gathered = createTextField(Number(params.position_increment_gap ?? 100), dictionaries.of(path));
      into.texts.set(path, gathered);
    }
    const { tokens, endIncrement } = analyze(analyzer, value);
    gathered.add(tokens, endIncrement);
    return;
  }
  const value = scalar(node, field, context, into);
  if (value === undefined || !indexed) return;
  const values = into.values.get(path);
  if (values === undefined) into.values.set(path, [value]);
  else values.push(value);
}

/** The value to index; undefined for none. */
function scalar(
  node: Node,
  { path, type, params }: Field,
  { source, analysis }: Context,
  into: Gathered,
): string | number | undefined {
  const given = node.kind === "null" ? nullValue(params.null_value) : node;
  if (given === undefined) return undefined;
  if (isNumber(type))
    return given.kind === "string" && given.value === "" ? undefined : numberValue(source, given, type);
  if (type === "boolean") return booleanOf(source, given) ? 1 : 0;
  if (type === "date") return dateOf(source, given, params.format === undefined ? undefined : String(params.format));
  if (given.kind === "object") throw textExpected(source, given);
  const value = text(given)!;
  if (params.ignore_above !== undefined && value.length > Number(params.ignore_above)) {
    into.ignored.add(path);
    return undefined;
  }
  const normalizer = params.normalizer === undefined ? undefined : analysis.normalizers.get(String(params.normalizer));
  const term = normalizer?.(value) ?? value;
  if (Buffer.byteLength(term) > 32_766) throw immense(path, term);
  return term;
}

function nullValue(value: unknown): Node | undefined {
  if (value === undefined || value === null) return undefined;
  const place = { start: 0, end: 0 };
  if (typeof value === "number") return { kind: "number", raw: String(value), ...place };
  if (typeof value === "boolean") return { kind: "boolean", value, ...place };
  return { kind: "string", value: String(value), ...place };
}

function immense(path: string, term: string): Failure {
  const bytes = Buffer.from(term);
  const prefix = [...bytes.subarray(0, 30)].map((byte) => (byte > 127 ? byte - 256 : byte)).join(", ");
  const reason =
    `Document contains at least one immense term in field="${path}" (whose UTF8 encoding is longer than the max length 32766), ` +
    `all of which were skipped. Please correct the analyzer to not produce such terms. The prefix of the first immense term is: '[${prefix}]...'`;
  return illegalArgument(
    reason,
    new Failure("max_bytes_length_exceeded_exception", `bytes can be at most 32766 in length; got ${bytes.length}`),
  );
}
