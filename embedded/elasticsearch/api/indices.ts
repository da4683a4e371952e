import { type Answer, checkParameters, type Exchange, flag, json, list, ok, whole } from "../http/exchange.ts";
import { aliasesOf, byName, type Cluster, isAnAlias, resolve } from "../indices/cluster.ts";
import { analysisOf, createIndex, type Index } from "../indices/index.ts";
import { emptyMapping, mappingJson, parseMapping } from "../indices/mapping.ts";
import { checkAliasName, checkIndexName, invalidIndexName } from "../indices/names.ts";
import { checkSettings, flattenSettings, nestedSettings, type Settings } from "../indices/settings.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { type Node, plain } from "../json/node.ts";
import { aliasesJson, aliasFrom } from "./aliasJson.ts";

export const leniencyParameters = ["ignore_unavailable", "allow_no_indices", "expand_wildcards"];
export const timeouts = ["timeout", "master_timeout"];

export function leniency(exchange: Exchange) {
  return {
    ignoreUnavailable: flag(exchange, "ignore_unavailable", false),
    allowNoIndices: flag(exchange, "allow_no_indices", true),
  };
}

/** Default settings of an index are not listed here. */
export function refuseDefaults(exchange: Exchange): void {
  if (flag(exchange, "include_defaults", false)) throw illegalArgument("this server has no [include_defaults]");
}

/** PUT /{index} */
export function create(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, ["wait_for_active_shards", ...timeouts]);
  const { index: name = "" } = exchange.at;
  const parsed = json(exchange);
  const body = parsed?.root.kind === "object" ? parsed.root.entries : [];
  const part = (key: string): Node | undefined => {
    const node = body.find((entry) => entry.key === key)?.value;
    if (node !== undefined && node.kind !== "object")
      throw new Failure("parse_exception", `key [${key}] must be an object`);
    return node;
  };
  const unknown = body.find(({ key }) => !["settings", "mappings", "aliases"].includes(key));
  if (unknown !== undefined) throw new Failure("parse_exception", `unknown key [${unknown.key}] for create index`);
  const [settingsNode, mappingsNode, aliasesNode] = [part("settings"), part("mappings"), part("aliases")];
  const aliases =
    aliasesNode?.kind === "object"
      ? aliasesNode.entries.map(({ key, value }) => [key, aliasFrom(key, value)] as const)
      : [];
  const settings = withoutNulls(flattenSettings(settingsNode === undefined ? {} : plain(settingsNode)));
  checkSettings(settings);
  checkIndexName(name);
  const existing = cluster.indices.get(name);
  if (existing !== undefined) throw alreadyExists(existing);
  if ([...cluster.indices.values()].some((index) => index.aliases.has(name)))
    throw invalidIndexName(name, "already exists as alias");
  for (const [alias] of aliases) {
    if (alias === name) throw illegalArgument(`alias name [${alias}] self-conflicts with index name`);
    checkNewAlias(cluster, alias, name);
  }
  const analysis = analysisOf(settings);
  const mapping = mappingsNode === undefined ? emptyMapping : parseMapping(plain(mappingsNode), analysis);
  const index = createIndex(name, settings, mapping, analysis, cluster.now);
  for (const [alias, config] of aliases) index.aliases.set(alias, config);
  cluster.indices.set(name, index);
  return ok({ acknowledged: true, shards_acknowledged: true, index: name });
}

function withoutNulls(flat: ReturnType<typeof flattenSettings>): Settings {
  return Object.fromEntries(Object.entries(flat).flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
}

export function checkNewAlias(cluster: Cluster, alias: string, index: string): void {
  checkAliasName(alias);
  if (alias === index || cluster.indices.has(alias)) {
    const why = "an index, data stream, or ESQL view exists with the same name as the alias";
    throw new Failure("invalid_alias_name_exception", `Invalid alias name [${alias}]: ${why}`);
  }
}

function alreadyExists({ name, uuid }: Index): Failure {
  return new Failure("resource_already_exists_exception", `index [${name}/${uuid}] already exists`, {
    meta: { index_uuid: uuid, index: name },
  });
}

/** DELETE /{index}: concrete names only. */
export function remove(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, [...leniencyParameters, ...timeouts]);
  const { index: expression = "" } = exchange.at;
  if (expression === "_all" || expression.includes("*"))
    throw illegalArgument("Wildcard expressions or all indices are not allowed");
  const lenient = leniency(exchange);
  const byAlias = aliasesOf(cluster);
  const names = expression.split(",").filter((name) => {
    if (cluster.indices.has(name) || !byAlias.has(name)) return true;
    if (lenient.ignoreUnavailable) return false;
    throw isAnAlias(name);
  });
  if (names.length === 0) return ok({ acknowledged: true });
  for (const { name } of resolve(cluster, names.join(","), lenient)) cluster.indices.delete(name);
  return ok({ acknowledged: true });
}

/** GET /{index}: aliases, mappings and settings. */
export function get(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, [
    ...leniencyParameters,
    ...timeouts,
    "flat_settings",
    "include_defaults",
    "features",
    "local",
  ]);
  refuseDefaults(exchange);
  const indices = resolve(cluster, exchange.at.index ?? "", leniency(exchange)).toSorted(byName);
  const isFlat = flag(exchange, "flat_settings", false);
  const features = list(exchange, "features") ?? ["aliases", "mappings", "settings"];
  const json = indices.map((index) => [
    index.name,
    {
      aliases: features.includes("aliases") ? aliasesJson(index) : {},
      mappings: features.includes("mappings") ? mappingJson(index.mapping) : {},
      settings: features.includes("settings") ? settingsJson(index.settings, isFlat) : {},
    },
  ]);
  return ok(Object.fromEntries(json));
}

export const settingsJson = (settings: Settings, isFlat: boolean) =>
  isFlat
    ? Object.fromEntries(Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : nestedSettings(settings);

/** HEAD /{index} */
export function exists(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, [...leniencyParameters, ...timeouts, "flat_settings", "include_defaults", "local"]);
  resolve(cluster, exchange.at.index ?? "", leniency(exchange));
  return { status: 200 };
}

/** POST /{index}/_refresh, and _flush, which does the same here. */
export function refresh(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, [...leniencyParameters, "force", "wait_if_ongoing"]);
  return refreshed(cluster, exchange);
}

function refreshed(cluster: Cluster, exchange: Exchange): Answer {
  const indices = resolve(cluster, exchange.at.index ?? "", leniency(exchange));
  for (const index of indices) index.engine.shard.refresh();
  const total = indices.reduce((sum, index) => sum + copies(index), 0);
  return ok({ _shards: { total, successful: indices.length, failed: 0 } });
}

/** POST /{index}/_forcemerge: writes become searchable; segments stay as they are, which affects only the statistics of scores. */
export function forceMerge(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, [
    ...leniencyParameters,
    "max_num_segments",
    "only_expunge_deletes",
    "flush",
    "wait_for_completion",
  ]);
  whole(exchange, "max_num_segments");
  return refreshed(cluster, exchange);
}

/** Shards with their replicas, which a single node cannot assign. */
export const copies = ({ settings }: Index) => 1 + Number(settings["index.number_of_replicas"] ?? 1);
