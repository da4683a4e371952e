import { z } from "zod";
import type { EventDefinition } from "../../domain/event.ts";

/** The type of a column in DuckDB and Parquet. JSON is text that holds an array or an object. */
export type ColumnType = "VARCHAR" | "BIGINT" | "DOUBLE" | "BOOLEAN" | "TIMESTAMP" | "DATE" | "JSON";

/** Returns whether the cells of such a column are texts. */
export const isText = (type: ColumnType): type is "VARCHAR" | "JSON" => type === "VARCHAR" || type === "JSON";

/** The type of such a column in SQL. */
export const sqlTypeOf = (type: ColumnType): string => (isText(type) ? "VARCHAR" : type);

/** A field of an event's data that becomes a column: a scalar, or what has no fixed place and stays JSON. */
export type Field = {
  /** From the data inwards: `["undo", "removedAt"]`. */
  readonly path: readonly string[];
  readonly type: ColumnType;
  /** May be null, or missing. */
  readonly nullable: boolean;
  /** The kind of text: any content, a UUID, or bound by a pattern, an enum or a format. */
  readonly text: "free" | "uuid" | "bound" | undefined;
  /** The other constraints of the schema, for people. */
  readonly bounds: string;
};

type Node = {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
};

/** The pattern of `text()` of src/domain/bounded.ts: it binds nothing. */
const withoutNul = "^[^\\0]*$";

/** The fields of an event's current version, in the order of its schema. Objects are flattened; lists and unions are JSON. */
export function fieldsOf(definition: EventDefinition): readonly Field[] {
  const schema = z.toJSONSchema(definition.schema, { io: "output", unrepresentable: "any" }) as Node;
  return [...flatten(schema, [], false)];
}

function* flatten(node: Node, path: readonly string[], optional: boolean): Generator<Field> {
  const { inner, nullable } = withoutNull(node);
  if (inner.type === "object" && inner.properties !== undefined) {
    for (const [name, property] of Object.entries(inner.properties))
      yield* flatten(property, [...path, name], optional || nullable || !inner.required?.includes(name));
    return;
  }
  yield { path, type: typeOf(inner), nullable: optional || nullable, text: textOf(inner), bounds: boundsOf(inner) };
}

function withoutNull(node: Node): { readonly inner: Node; readonly nullable: boolean } {
  const others = node.anyOf?.filter(({ type }) => type !== "null");
  if (others === undefined || others.length === node.anyOf?.length) return { inner: node, nullable: false };
  return { inner: others.length === 1 ? (others[0] as Node) : { anyOf: others }, nullable: true };
}

function typeOf(node: Node): ColumnType {
  if (node.type === "integer") return "BIGINT";
  if (node.type === "number") return "DOUBLE";
  if (node.type === "boolean") return "BOOLEAN";
  if (node.type !== "string") return "JSON";
  return node.format === "date-time" ? "TIMESTAMP" : "VARCHAR";
}

/** A list or an object holds free text if anything in it is free text. */
function textOf(node: Node): Field["text"] {
  if (node.type === "string") {
    if (node.format === "uuid") return "uuid";
    if (node.format !== undefined || node.enum !== undefined || node.const !== undefined) return "bound";
    return node.pattern === undefined || node.pattern === withoutNul ? "free" : "bound";
  }
  const within = [...(node.anyOf ?? []), ...Object.values(node.properties ?? {}), ...(node.items ? [node.items] : [])];
  return within.some((one) => textOf(one) === "free") ? "free" : undefined;
}

function boundsOf(node: Node): string {
  const { minimum, maximum, maxLength, maxItems } = node;
  if (node.enum !== undefined) return node.enum.map((one) => `\`${one}\``).join(", ");
  if (node.type === "integer" || node.type === "number") {
    const max = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
    const min = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum;
    if (min !== undefined && max !== undefined) return `${min} to ${max}`;
    return min === undefined ? (max === undefined ? "" : `at most ${max}`) : `from ${min}`;
  }
  if (node.format !== undefined) return node.format;
  if (node.pattern !== undefined && node.pattern !== withoutNul) return `\`${node.pattern}\``.replaceAll("|", "\\|");
  if (maxLength !== undefined) return `at most ${maxLength} characters`;
  return maxItems === undefined ? "" : `at most ${maxItems}`;
}
