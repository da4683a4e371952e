import { glob } from "../json/filterPath.ts";
import type { Node } from "../json/node.ts";
import { parseJson } from "../json/parse.ts";
import { Source } from "../json/source.ts";
import { nodeJson, Raw } from "../json/write.ts";

/** Which parts of `_source` an answer shows: `enabled` false shows none. */
export type SourceFilter = {
  readonly enabled: boolean;
  readonly includes: readonly string[];
  readonly excludes: readonly string[];
};

export const wholeSource: SourceFilter = { enabled: true, includes: [], excludes: [] };

/** The source as JSON to put into an answer; undefined when it is not asked for. */
export function filteredSource(json: string, { enabled, includes, excludes }: SourceFilter): Raw | undefined {
  if (!enabled) return undefined;
  if (includes.length === 0 && excludes.length === 0) return new Raw(json);
  const root = parseJson(new Source(json), false);
  return new Raw(nodeJson(filter(root, "", includes, excludes) ?? { kind: "object", entries: [], start: 0, end: 0 }));
}

/** A name includes everything below it. */
const covers = (pattern: string, path: string) => glob(pattern, path) || glob(`${pattern}.*`, path);
/** Returns whether something under the path could be included. */
function leadsTo(pattern: string, path: string): boolean {
  const steps = path.split(".");
  const wanted = pattern.split(".");
  return pattern.includes("*")
    ? glob(wanted.slice(0, steps.length).join("."), path) || pattern.startsWith("*")
    : wanted.slice(0, steps.length).join(".") === path;
}

function filter(node: Node, path: string, includes: readonly string[], excludes: readonly string[]): Node | undefined {
  if (path !== "" && excludes.some((pattern) => covers(pattern, path))) return undefined;
  const isIncluded = includes.length === 0 || (path !== "" && includes.some((pattern) => covers(pattern, path)));
  if (node.kind === "object") {
    const wanted = isIncluded ? [] : includes;
    const entries = node.entries.flatMap((entry) => {
      const value = filter(entry.value, path === "" ? entry.key : `${path}.${entry.key}`, wanted, excludes);
      return value === undefined ? [] : [{ ...entry, value }];
    });
    const shows = entries.length > 0 || path === "" || isIncluded;
    return shows ? { ...node, entries } : undefined;
  }
  if (node.kind === "array") {
    if (!isIncluded && !includes.some((pattern) => leadsTo(pattern, path))) return undefined;
    const items = node.items.flatMap((item) => filter(item, path, includes, excludes) ?? []);
    return items.length > 0 || (isIncluded && node.items.length === 0) ? { ...node, items } : undefined;
  }
  return isIncluded ? node : undefined;
}
