import { Real } from "./numbers.ts";
import { Raw } from "./write.ts";

/**
 * `filter_path`: keeps what the paths match, drops what those with a leading minus match; `*` is one step or part of it, `**` any
 * number.
 */
export function filterPath(value: unknown, paths: readonly string[]): unknown {
  const excludes = paths.filter((path) => path.startsWith("-")).map((path) => steps(path.slice(1)));
  const includes = paths.filter((path) => !path.startsWith("-")).map(steps);
  let kept = includes.length === 0 ? value : (keep(value, includes) ?? {});
  if (excludes.length > 0) kept = drop(kept, excludes) ?? {};
  return kept;
}

const steps = (path: string) => path.split(".");

function step(pattern: string[], name: string): string[][] {
  const [head, ...rest] = pattern;
  if (head === "**") return [pattern, ...step(rest, name)];
  return head !== undefined && glob(head, name) ? [rest] : [];
}

export function glob(pattern: string, name: string): boolean {
  if (!pattern.includes("*")) return pattern === name;
  const source = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`, "s").test(name);
}

/** The rest of each path after a step. The steps of hits repeat, so they are cached by list of paths. */
function stepAll(patterns: Patterns, name: string): Patterns {
  let known = stepped.get(patterns);
  if (known === undefined) {
    known = new Map();
    stepped.set(patterns, known);
  }
  let next = known.get(name);
  if (next === undefined) {
    next = patterns.flatMap((pattern) => step(pattern, name));
    known.set(name, next);
  }
  return next;
}
type Patterns = readonly string[][];
const stepped = new WeakMap<Patterns, Map<string, Patterns>>();

const isDone = (pattern: string[]) => pattern.length === 0 || (pattern.length === 1 && pattern[0] === "**");

function members(value: object): Record<string, unknown> {
  return (value instanceof Raw ? JSON.parse(value.json) : value) as Record<string, unknown>;
}

function keep(value: unknown, patterns: Patterns): unknown {
  if (patterns.some(isDone)) return value;
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      const kept = keep(item, patterns);
      if (kept !== undefined) items.push(kept);
    }
    return items.length > 0 ? items : undefined;
  }
  if (value === null || typeof value !== "object" || value instanceof Real) return undefined;
  const all = members(value);
  let kept: Record<string, unknown> | undefined;
  for (const key of Object.keys(all)) {
    const next = stepAll(patterns, key);
    const inner = next.length === 0 ? undefined : keep(all[key], next);
    if (inner === undefined) continue;
    kept ??= {};
    kept[key] = inner;
  }
  return kept;
}

function drop(value: unknown, patterns: Patterns): unknown {
  if (patterns.some(isDone)) return undefined;
  if (Array.isArray(value)) return value.map((item) => drop(item, patterns)).filter((item) => item !== undefined);
  if (value === null || typeof value !== "object" || value instanceof Real) return value;
  const kept = Object.entries(members(value)).flatMap(([key, member]) => {
    const next = stepAll(patterns, key);
    const inner = next.length === 0 ? member : drop(member, next);
    return inner === undefined ? [] : [[key, inner] as const];
  });
  return Object.fromEntries(kept);
}
