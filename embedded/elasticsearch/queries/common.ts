import { type Failure, illegalArgument } from "../json/failure.ts";
import { type Node, text, tokenName } from "../json/node.ts";
import { floatValue, parsingException } from "../json/reader.ts";
import type { Source } from "../json/source.ts";
import { writeJson } from "../json/write.ts";
import { boosted, type Query } from "../scoring/query.ts";
import type { Clause } from "./context.ts";

/** The parameters that all queries have. */
export type Common = { boost: number; name: string | undefined };

export const newCommon = (): Common => ({ boost: 1, name: undefined });

/** Takes `boost` or `_name`; false for another parameter. */
export function readCommon(common: Common, key: string, value: Node, shown: () => unknown): boolean {
  if (key === "boost") {
    const boost = Math.fround(floatValue(value));
    if (boost < 0) {
      const query = writeJson(shown(), true).trimEnd();
      throw illegalArgument(`negative [boost] are not allowed in [${query}], use a value between 0 and 1 to deboost`);
    }
    common.boost = boost;
    return true;
  }
  if (key !== "_name") return false;
  common.name = text(value) ?? undefined;
  return true;
}

/** The clause with its boost, registered under its name. */
export function withCommon({ boost, name }: Common, clause: Clause): Clause {
  return (target) => {
    const query: Query = boosted(clause(target), boost);
    if (name !== undefined) target.named.push({ name, query });
    return query;
  };
}

export function unsupported(source: Source, at: number, query: string, parameter: string): Failure {
  return parsingException(source, at, `[${query}] query does not support [${parameter}]`);
}

export function unknownToken(source: Source, value: Node, query: string, parameter: string): Failure {
  return parsingException(source, value.start, `[${query}] unknown token [${tokenName(value)}] after [${parameter}]`);
}

export const isScalar = (node: Node) => node.kind === "string" || node.kind === "number" || node.kind === "boolean";

type Read = (key: string, value: Node) => boolean;

/**
 * Reads `{field: value}` or `{field: {parameters}}`, as most queries on one field have it. `short` takes the first form, `read` a
 * parameter of the second; it returns false for an unknown one. Returns the field, undefined for none.
 */
export function readFieldQuery(
  source: Source,
  name: string,
  body: Extract<Node, { kind: "object" }>,
  short: (value: Node) => void,
  read: Read,
): string | undefined {
  let field: string | undefined;
  for (const { key, value } of body.entries) {
    if (value.kind !== "object") {
      if (field !== undefined) throw severalFields(source, value.start, name, field, key);
      field = key;
      short(value);
      continue;
    }
    if (field !== undefined) throw severalFields(source, value.start, name, field, key);
    field = key;
    for (const parameter of value.entries) {
      if (!isScalar(parameter.value) && parameter.value.kind !== "null") {
        if (name === "prefix") throw unsupported(source, parameter.value.start, name, parameter.key);
        throw unknownToken(source, parameter.value, name, parameter.key);
      }
      if (!read(parameter.key, parameter.value)) throw unsupported(source, parameter.value.start, name, parameter.key);
    }
  }
  return field;
}

export function severalFields(source: Source, at: number, query: string, first: string, second: string): Failure {
  const reason = `[${query}] query doesn't support multiple fields, found [${first}] and [${second}]`;
  return parsingException(source, at, reason);
}

/** Throws for a query without a field. */
export function requireField(field: string | undefined): string {
  if (field === undefined || field === "") throw illegalArgument("field name is null or empty");
  return field;
}

/** An enumeration constant by its name in any case, or Java's complaint. */
export function constantOf<Name extends string>(value: string, names: readonly Name[], type: string): Name {
  const found = names.find((name) => name === value.toLowerCase());
  if (found === undefined) throw illegalArgument(`No enum constant org.elasticsearch.${type}.${value.toUpperCase()}`);
  return found;
}
