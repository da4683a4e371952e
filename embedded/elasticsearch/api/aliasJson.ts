import type { Alias, Index } from "../indices/index.ts";
import { illegalArgument } from "../json/failure.ts";
import { type Node, plain, text } from "../json/node.ts";
import { booleanValue } from "../json/reader.ts";
import type { Source } from "../json/source.ts";
import { parseQuery } from "../queries/parse.ts";

/** The aliases of an index as answers show them. */
export function aliasesJson(
  { aliases }: Index,
  wanted: (name: string) => boolean = () => true,
): Record<string, unknown> {
  const names = [...aliases.keys()].filter(wanted).toSorted();
  return Object.fromEntries(names.map((name) => [name, aliases.get(name)!.json]));
}

/** An alias from its parameters; `passOver` are those that belong to the action around it. */
export function aliasFrom(
  name: string,
  node: Node | undefined,
  source: Source,
  passOver: readonly string[] = [],
): Alias {
  const json: Record<string, unknown> = {};
  let isWriteIndex: boolean | undefined;
  let clause: Alias["clause"];
  for (const { key, value } of node?.kind === "object" ? node.entries : []) {
    if (passOver.includes(key)) continue;
    if (key === "filter" && value.kind === "object") {
      clause = parseQuery(value, source);
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
      throw illegalArgument(`Unknown field [${key}] in alias [${name}]`);
    }
  }
  return { json, isWriteIndex, clause };
}
