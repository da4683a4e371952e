import { doubleText } from "./numbers.ts";

/** A JSON value with its location in the text, for error messages. Offsets count UTF-16 units. */
export type Node = { readonly start: number; readonly end: number } & (
  | { readonly kind: "object"; readonly entries: readonly Entry[] }
  | { readonly kind: "array"; readonly items: readonly Node[] }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly raw: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "null" }
);
export type Entry = { readonly key: string; readonly at: number; readonly value: Node };
export type ObjectNode = Extract<Node, { kind: "object" }>;

/** The name of a value's first token in Elasticsearch's parser. */
export function tokenName(node: Node): string {
  switch (node.kind) {
    case "object":
      return "START_OBJECT";
    case "array":
      return "START_ARRAY";
    default:
      return `VALUE_${node.kind.toUpperCase()}`;
  }
}

/** The value in JavaScript; numbers beyond 2^53 lose their last digits. */
export function plain(node: Node): unknown {
  switch (node.kind) {
    case "object":
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
    case "array":
      return node.items.map(plain);
    case "number":
      return Number(node.raw);
    case "null":
      return null;
    default:
      return node.value;
  }
}

/** A scalar as text, as Elasticsearch's `textOrNull`: numbers as they were written. */
export function text(node: Node): string | null {
  if (node.kind === "string") return node.value;
  if (node.kind === "number") return node.raw;
  if (node.kind === "boolean") return String(node.value);
  return null;
}

/** As Java prints a map or list of such values. */
export function javaText(node: Node): string {
  switch (node.kind) {
    case "object":
      return `{${node.entries.map(({ key, value }) => `${key}=${javaText(value)}`).join(", ")}}`;
    case "array":
      return `[${node.items.map(javaText).join(", ")}]`;
    case "null":
      return "null";
    case "number":
      return /[.eE]/.test(node.raw) ? doubleText(Number(node.raw)) : node.raw;
    default:
      return text(node) ?? "null";
  }
}
