import { type Answer, checkParameters, type Exchange, ok, time } from "../http/exchange.ts";
import { byName, type Cluster, resolve } from "../indices/cluster.ts";
import type { Index } from "../indices/index.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { double } from "../json/numbers.ts";
import { checkActiveShards } from "./documentWrites.ts";
import { copies } from "./indices.ts";

const statuses = ["green", "yellow", "red"];
const parameters =
  "level local timeout master_timeout wait_for_status wait_for_no_relocating_shards wait_for_no_initializing_shards wait_for_active_shards wait_for_nodes wait_for_events expand_wildcards".split(
    " ",
  );

/**
 * GET /_cluster/health: yellow if replicas are configured, which a single node cannot assign. A condition to wait for is met now or
 * never.
 */
export function health(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, parameters);
  const { query, at } = exchange;
  const level = query.get("level") ?? "cluster";
  if (!["cluster", "indices", "shards"].includes(level)) {
    throw illegalArgument(`level parameter must be one of [cluster] or [indices] or [shards] but was [${level}]`);
  }
  const wanted = query.get("wait_for_status");
  if (wanted !== null && !statuses.includes(wanted.toLowerCase())) {
    throw illegalArgument(
      `No enum constant org.elasticsearch.cluster.health.ClusterHealthStatus.${wanted.toUpperCase()}`,
    );
  }
  time(exchange, "timeout");
  time(exchange, "master_timeout");
  const events = query.get("wait_for_events");
  if (events !== null && !priorities.includes(events.toUpperCase()))
    throw illegalArgument(`No enum constant org.elasticsearch.common.Priority.${events.toUpperCase()}`);
  const { indices, missing } = find(cluster, at.index ?? "");
  const status = missing ? "red" : statusOf(indices);
  const isShort = !hasNodes(query.get("wait_for_nodes")) || !hasShards(query.get("wait_for_active_shards"), indices);
  const timedOut =
    missing || isShort || (wanted !== null && statuses.indexOf(status) > statuses.indexOf(wanted.toLowerCase()));
  const byIndex = Object.fromEntries(
    indices.toSorted(byName).map((index) => [index.name, { status: statusOf([index]), ...indexJson(index, level) }]),
  );
  const body = {
    cluster_name: cluster.name,
    status,
    timed_out: timedOut,
    number_of_nodes: 1,
    number_of_data_nodes: 1,
    ...shardCounts(indices),
    delayed_unassigned_shards: 0,
    number_of_pending_tasks: 0,
    number_of_in_flight_fetch: 0,
    task_max_waiting_in_queue_millis: 0,
    active_shards_percent_as_number: double(percent(indices)),
    ...(level === "cluster" ? {} : { indices: byIndex }),
  };
  return ok(body, timedOut ? 408 : 200);
}

/** The existing indices among the requested ones. */
function find(cluster: Cluster, expression: string): { indices: Index[]; missing: boolean } {
  try {
    return { indices: resolve(cluster, expression), missing: false };
  } catch (error) {
    if (!(error instanceof Failure) || error.type !== "index_not_found_exception") throw error;
    return { indices: resolve(cluster, expression, { ignoreUnavailable: true }), missing: true };
  }
}

const priorities = ["IMMEDIATE", "URGENT", "HIGH", "NORMAL", "LOW", "LANGUID"];

/** Returns whether one node satisfies `wait_for_nodes`: a number, `>=2`, `le(3)` and so on. */
function hasNodes(wanted: string | null): boolean {
  if (wanted === null) return true;
  const [, sign = "", word = "", digits = ""] = /^(?:(>=|<=|>|<)|(ge|le|gt|lt)\()?(-?\d+)\)?$/.exec(wanted) ?? [];
  const number = Number(digits);
  switch (sign || word) {
    case ">=":
    case "ge":
      return number <= 1;
    case "<=":
    case "le":
      return number >= 1;
    case ">":
    case "gt":
      return number < 1;
    case "<":
    case "lt":
      return number > 1;
    default:
      return number <= 1;
  }
}

/** Returns whether this number of shards is active; all of them, with replicas, for `all`. */
function hasShards(wanted: string | null, indices: readonly Index[]): boolean {
  if (wanted === null) return true;
  checkActiveShards(wanted);
  return wanted === "all" ? sum(indices) === indices.length : indices.length >= Number(wanted);
}

const statusOf = (indices: readonly Index[]) => (indices.some((index) => copies(index) > 1) ? "yellow" : "green");
const sum = (indices: readonly Index[]) => indices.reduce((total, index) => total + copies(index), 0);
const percent = (indices: readonly Index[]) => (indices.length === 0 ? 100 : (indices.length / sum(indices)) * 100);

function shardCounts(indices: readonly Index[]) {
  return {
    active_primary_shards: indices.length,
    active_shards: indices.length,
    relocating_shards: 0,
    initializing_shards: 0,
    unassigned_shards: sum(indices) - indices.length,
    unassigned_primary_shards: 0,
  };
}

function indexJson(index: Index, level: string): Record<string, unknown> {
  const counts = shardCounts([index]);
  const shard = {
    status: statusOf([index]),
    primary_active: true,
    active_shards: 1,
    relocating_shards: 0,
    initializing_shards: 0,
    unassigned_shards: counts.unassigned_shards,
    unassigned_primary_shards: 0,
  };
  return {
    number_of_shards: 1,
    number_of_replicas: copies(index) - 1,
    ...counts,
    ...(level === "shards" ? { shards: { "0": shard } } : {}),
  };
}
