import type { Node } from "./node.ts";
import { doubleText, floatText, Real } from "./numbers.ts";

/** JSON that is already text: a document's source, as it was sent. */
export class Raw {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }
}

/** The JSON of an answer: compact, or with `pretty` as Elasticsearch indents it (and a line feed at the end). */
export function writeJson(value: unknown, pretty: boolean): string {
  return pretty ? `${indented(expand(value), "")}\n` : compact(value);
}

function compact(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  if (value instanceof Raw) return value.json;
  if (value instanceof Real) return real(value);
  let json = "";
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) json += (at === 0 ? "" : ",") + compact(value[at]);
    return `[${json}]`;
  }
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) json += `${json === "" ? "" : ","}${JSON.stringify(key)}:${compact(member)}`;
  }
  return `{${json}}`;
}

/** A number that is not finite is a string in JSON. */
function real({ value, single }: Real): string {
  const digits = single ? floatText(value) : doubleText(value);
  return Number.isFinite(value) ? digits : `"${digits}"`;
}

function expand(value: unknown): unknown {
  return value instanceof Raw ? JSON.parse(value.json) : value;
}

function indented(value: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[ ]";
    return `[\n${value.map((item) => inner + indented(expand(item), inner)).join(",\n")}\n${indent}]`;
  }
  if (value !== null && typeof value === "object" && !(value instanceof Real)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    if (members.length === 0) return "{ }";
    const lines = members.map(([key, member]) => `${inner}${JSON.stringify(key)} : ${indented(expand(member), inner)}`);
    return `{\n${lines.join(",\n")}\n${indent}}`;
  }
  return compact(value);
}

/** A parsed value as JSON again; numbers stay as they were written. */
export function nodeJson(node: Node): string {
  switch (node.kind) {
    case "object":
      return `{${node.entries.map(({ key, value }) => `${JSON.stringify(key)}:${nodeJson(value)}`).join(",")}}`;
    case "array":
      return `[${node.items.map(nodeJson).join(",")}]`;
    case "number":
      return node.raw;
    case "null":
      return "null";
    default:
      return JSON.stringify(node.value);
  }
}
