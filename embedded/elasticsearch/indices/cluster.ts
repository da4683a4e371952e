import type { Snapshot } from "../index/snapshot.ts";
import { Failure, illegalArgument, noSuchIndex } from "../json/failure.ts";
import { glob } from "../json/filterPath.ts";
import type { Index } from "./index.ts";
import { newUuid } from "./index.ts";
import { invalidIndexName } from "./names.ts";

/** A point in time: the view of each index when it was opened. `until` in milliseconds. */
export type PointInTime = {
  until: number;
  readonly parts: readonly { readonly index: Index; readonly snapshot: Snapshot }[];
};

export type Cluster = {
  readonly name: string;
  readonly uuid: string;
  readonly node: string;
  readonly indices: Map<string, Index>;
  readonly pits: Map<string, PointInTime>;
  now(): number;
};

export function createCluster(name: string, now: () => number): Cluster {
  return { name, uuid: newUuid(), node: newUuid(), indices: new Map(), pits: new Map(), now };
}

/** The treatment of missing names. */
export type Leniency = {
  readonly ignoreUnavailable?: boolean;
  readonly allowNoIndices?: boolean;
  readonly aliases?: boolean;
};

const isEverything = (expression: string) => expression === "" || expression === "_all" || expression === "*";

/** The names of all aliases with the indices of each, in order. */
export function aliasesOf(cluster: Cluster): Map<string, Index[]> {
  const all = new Map<string, Index[]>();
  for (const index of [...cluster.indices.values()].toSorted(byName)) {
    for (const alias of index.aliases.keys()) all.set(alias, [...(all.get(alias) ?? []), index]);
  }
  return all;
}

export const byName = (a: Index, b: Index) => (a.name < b.name ? -1 : 1);

/** The indices that an expression names: names, aliases and patterns with `*`, separated by commas. */
export function resolve(
  cluster: Cluster,
  expression: string,
  { ignoreUnavailable = false, allowNoIndices = true, aliases = true }: Leniency = {},
): Index[] {
  if (isEverything(expression)) {
    const all = [...cluster.indices.values()].toSorted(byName);
    if (all.length === 0 && !allowNoIndices) throw noSuchIndex(expression === "" ? "_all" : expression);
    return all;
  }
  const found = new Map<string, Index>();
  const byAlias = aliasesOf(cluster);
  for (const [at, part] of expression.split(",").entries()) {
    if (part.startsWith("-") && at > 0) {
      for (const name of [...found.keys()]) if (glob(part.slice(1), name)) found.delete(name);
      continue;
    }
    if (part.startsWith("_")) throw invalidIndexName(part, "must not start with '_'.");
    const matched = part.includes("*") ? matching(cluster, byAlias, part, aliases) : exact(cluster, byAlias, part);
    if (!aliases && matched.length > 0 && !part.includes("*") && !cluster.indices.has(part)) throw isAnAlias(part);
    if (matched.length === 0 && (part.includes("*") ? !allowNoIndices : !ignoreUnavailable)) throw noSuchIndex(part);
    for (const index of matched) found.set(index.name, index);
  }
  if (found.size === 0 && !allowNoIndices) throw noSuchIndex(expression);
  return [...found.values()];
}

/** For requests that accept only names of indices. */
export function isAnAlias(name: string): Failure {
  const advice = "specify the corresponding concrete indices instead.";
  return illegalArgument(`The provided expression [${name}] matches an alias, ${advice}`);
}

function exact(cluster: Cluster, byAlias: ReadonlyMap<string, Index[]>, name: string): Index[] {
  const index = cluster.indices.get(name);
  return index === undefined ? (byAlias.get(name) ?? []) : [index];
}

function matching(cluster: Cluster, byAlias: ReadonlyMap<string, Index[]>, pattern: string, aliases: boolean): Index[] {
  const names = [...cluster.indices.values()].filter(({ name }) => glob(pattern, name));
  const through = aliases
    ? [...byAlias].filter(([alias]) => glob(pattern, alias)).flatMap(([, indices]) => indices)
    : [];
  return [...new Set([...names, ...through])].toSorted(byName);
}

/** The one index to read a document from. */
export function readIndex(cluster: Cluster, name: string): Index {
  const index = cluster.indices.get(name);
  if (index !== undefined) return index;
  const through = aliasesOf(cluster).get(name) ?? [];
  if (through.length > 1) {
    const names = through.map((one) => one.name).join(", ");
    throw illegalArgument(
      `alias [${name}] has more than one index associated with it [${names}], can't execute a single index op`,
    );
  }
  if (name.startsWith("_")) throw invalidIndexName(name, "must not start with '_'.");
  if (through[0] === undefined) throw noSuchIndex(name);
  return through[0];
}

/** The index to write to; undefined if it does not exist: a write creates it. */
export function writeIndex(cluster: Cluster, name: string, requireAlias: boolean): Index | undefined {
  const through = aliasesOf(cluster).get(name);
  if (requireAlias && through === undefined) {
    const reason = `no such index [${name}] and [require_alias] request flag is [true] and [${name}] is not an alias`;
    throw new Failure("index_not_found_exception", reason, { status: 404, meta: { index_uuid: "_na_", index: name } });
  }
  if (through === undefined) return cluster.indices.get(name);
  const chosen = through.find((index) => index.aliases.get(name)!.isWriteIndex === true);
  const only = through.length === 1 && through[0]!.aliases.get(name)!.isWriteIndex !== false ? through[0] : undefined;
  const index = chosen ?? only;
  if (index === undefined) {
    throw illegalArgument(
      `no write index is defined for alias [${name}]. The write index may be explicitly disabled using is_write_index=false or the alias points to multiple indices without one being designated as a write index`,
    );
  }
  return index;
}

/** Throws while a setting blocks writes. */
export function checkWritable({ name, settings }: Index): void {
  const isSet = (block: string) => String(settings[`index.blocks.${block}`]) === "true";
  const blocked = (status: number, why: string) =>
    new Failure("cluster_block_exception", `index [${name}] blocked by: [${why}];`, { status });
  if (isSet("read_only")) throw blocked(403, "FORBIDDEN/5/index read-only (api)");
  if (isSet("write")) throw blocked(403, "FORBIDDEN/8/index write (api)");
  if (isSet("read_only_allow_delete")) {
    const more =
      "for more information, see https://www.elastic.co/docs/troubleshoot/elasticsearch/fix-watermark-errors?version=9.4";
    throw blocked(
      429,
      `TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block; ${more}`,
    );
  }
}

/** Throws while a setting blocks searches. */
export function checkReadable({ name, settings }: Index): void {
  if (String(settings["index.blocks.read"]) !== "true") return;
  throw new Failure("cluster_block_exception", `index [${name}] blocked by: [FORBIDDEN/7/index read (api)];`, {
    status: 403,
  });
}
