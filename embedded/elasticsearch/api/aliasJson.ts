import type { Alias, Index } from "../indices/index.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { type Node, plain, text } from "../json/node.ts";
import { parseJson } from "../json/parse.ts";
import { booleanValue } from "../json/reader.ts";
import { Source } from "../json/source.ts";
import { nodeJson } from "../json/write.ts";
import { parseQuery } from "../queries/parse.ts";

/** The aliases of an index as answers show them. */
export function aliasesJson(
  { aliases }: Index,
  wanted: (name: string) => boolean = () => true,
): Record<string, unknown> {
  const names = [...aliases.keys()].filter(wanted).toSorted();
  return Object.fromEntries(names.map((name) => [name, aliases.get(name)!.json]));
}

type Reading = {
  /** Members that belong to the action around it. */
  readonly passOver?: readonly string[];
  /** The error for an unknown member. */
  readonly unknown?: (key: string) => string;
};

/** Elasticsearch serializes a filter again before it parses it, so error locations refer to that text. */
function filterFrom(name: string, value: Node): Alias["clause"] {
  const source = new Source(nodeJson(value));
  try {
    return parseQuery(parseJson(source), source);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw illegalArgument(`failed to parse filter for alias [${name}]`, error);
  }
}

/** An alias from its parameters. */
export function aliasFrom(
  name: string,
  node: Node | undefined,
  { passOver = [], unknown = (key: string) => `Unknown field [${key}] in alias [${name}]` }: Reading = {},
): Alias {
  const json: Record<string, unknown> = {};
  let isWriteIndex: boolean | undefined;
  let clause: Alias["clause"];
  for (const { key, value } of node?.kind === "object" ? node.entries : []) {
    if (passOver.includes(key)) continue;
    if (key === "filter" && value.kind === "object") {
      clause = filterFrom(name, value);
      json.filter = plain(value);
    } else if (key === "is_write_index") {
      isWriteIndex = booleanValue(value);
      json.is_write_index = isWriteIndex;
    } else if (key === "is_hidden") {
      if (booleanValue(value)) json.is_hidden = true;
    } else if (key === "routing") {
      json.index_routing = text(value);
      json.search_routing = text(value);
    } else if (key === "index_routing" || key === "search_routing") {
      json[key] = text(value);
    } else {
      throw illegalArgument(unknown(key));
    }
  }
  return { json, isWriteIndex, clause };
}
