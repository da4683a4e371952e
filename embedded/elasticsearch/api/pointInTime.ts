import { type Answer, checkParameters, type Exchange, ok, requiredJson, time } from "../http/exchange.ts";
import { type Cluster, type PointInTime, resolve } from "../indices/cluster.ts";
import { newUuid } from "../indices/index.ts";
import { checkBase64 } from "../json/base64.ts";
import { Failure, illegalArgument, noShard, ShardsFailure, validationFailed } from "../json/failure.ts";
import { text } from "../json/node.ts";
import { leniency, leniencyParameters } from "./indices.ts";

/** POST /{index}/_pit: keeps the current view of the indices. */
export function open(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, [
    ...leniencyParameters,
    "keep_alive",
    "preference",
    "routing",
    "allow_partial_search_results",
    "max_concurrent_shard_requests",
  ]);
  const keepAlive = time(exchange, "keep_alive");
  if (keepAlive === undefined) throw validationFailed("[keep_alive] is not specified");
  const indices = resolve(cluster, exchange.at.index ?? "", leniency(exchange));
  const id = newId(indices);
  cluster.pits.set(id, {
    until: cluster.now() + keepAlive,
    parts: indices.map((index) => ({ index, snapshot: index.snapshot() })),
  });
  return ok({ id, _shards: { total: indices.length, successful: indices.length, skipped: 0, failed: 0 } });
}

function expire(cluster: Cluster): void {
  for (const [id, { until }] of cluster.pits) if (until < cluster.now()) cluster.pits.delete(id);
}

/**
 * Opens the snapshots of a point in time, and lists the indices that were deleted since. If none is left, it is a 404, or a 503
 * where an index was deleted.
 */
export function openPit(
  cluster: Cluster,
  { id, keepAlive }: { id: string; keepAlive: number | undefined },
): { readonly parts: PointInTime["parts"]; readonly failed: ShardsFailure["failed"] } {
  expire(cluster);
  const pit = cluster.pits.get(id);
  if (pit === undefined) throw missing(cluster, id);
  if (keepAlive !== undefined) pit.until = Math.max(pit.until, cluster.now() + keepAlive);
  const parts = pit.parts.filter(({ index }) => isThere(cluster, index));
  const failed = pit.parts
    .filter(({ index }) => !isThere(cluster, index))
    .map(({ index }) => ({ index: index.name, cause: noShard() }));
  if (parts.length === 0 && failed.length > 0) throw new ShardsFailure(failed, cluster.node);
  return { parts, failed };
}

/** Returns whether an index still exists; another of its name may have been created since. */
const isThere = ({ indices }: Cluster, { name, uuid }: { readonly name: string; readonly uuid: string }) =>
  indices.get(name)?.uuid === uuid;

/** The first number of Elasticsearch's ids: its transport version. */
const transportVersion = 9348007;
const prefix = "p8e6BA";

/** Refuses an id that Elasticsearch could not have created: its first number is no known version. */
function checkId(id: string): void {
  const bytes = Buffer.from(id, "base64url");
  let version = 0;
  for (let at = 0; at < 5; at++) {
    version += ((bytes[at] ?? 0) & 0x7f) * 2 ** (7 * at);
    if (((bytes[at] ?? 0) & 0x80) === 0) break;
  }
  if (version !== transportVersion)
    throw illegalArgument(`unknown transport version [${version}] reading search context id`);
}

/** An id names its indices, so that an error can name them after it was closed. */
const newId = (indices: readonly { readonly name: string; readonly uuid: string }[]) =>
  prefix +
  Buffer.from(JSON.stringify([newUuid(), ...indices.map(({ name, uuid }) => ({ name, uuid }))])).toString("base64url");

function missing(cluster: Cluster, id: string): Failure {
  checkId(id);
  const { session, indices } = contentOf(id);
  const reason = `No search context found for id [[${session}][1] searcherId [null]]`;
  const cause = new Failure("search_context_missing_exception", reason, { status: 404 });
  return new ShardsFailure(
    indices.map((index) => ({ index: index.name, cause: isThere(cluster, index) ? cause : noShard() })),
    cluster.node,
  );
}

function contentOf(id: string): { readonly session: string; readonly indices: { name: string; uuid: string }[] } {
  try {
    const [session, ...indices] = JSON.parse(Buffer.from(id.slice(prefix.length), "base64url").toString());
    return { session, indices };
  } catch {
    const underflow = new Failure("buffer_underflow_exception", null);
    throw illegalArgument("java.io.EOFException", new Failure("e_o_f_exception", null, { causedBy: underflow }));
  }
}

/** DELETE /_pit */
export function close(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, []);
  const { root } = requiredJson(exchange, "request body or source parameter");
  const entries = root.kind === "object" ? root.entries : [];
  const odd = entries.find(({ key, value }) => key !== "id" || value.kind !== "string");
  if (odd !== undefined) {
    throw illegalArgument(
      `Unknown parameter [${odd.key}] in request body or parameter is of the wrong type[FIELD_NAME] `,
    );
  }
  const id = entries[0] === undefined ? null : text(entries[0].value);
  if (id === null || id === "") throw illegalArgument("search context id is is not provided");
  checkBase64(id);
  expire(cluster);
  const parts = cluster.pits.get(id)?.parts ?? [];
  if (parts.length === 0) checkId(id);
  const freed = parts.filter(({ index }) => isThere(cluster, index)).length;
  cluster.pits.delete(id);
  return ok({ succeeded: freed > 0 && freed === parts.length, num_freed: freed }, freed > 0 ? 200 : 404);
}
