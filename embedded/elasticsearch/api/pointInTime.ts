import { type Answer, checkParameters, type Exchange, ok, requiredJson, time } from "../http/exchange.ts";
import { type Cluster, type PointInTime, resolve } from "../indices/cluster.ts";
import { newUuid } from "../indices/index.ts";
import { checkBase64 } from "../json/base64.ts";
import { Failure, illegalArgument, ShardsFailure, validationFailed } from "../json/failure.ts";
import { text } from "../json/node.ts";
import { leniency, leniencyParameters } from "./indices.ts";

/** POST /{index}/_pit: keeps what the indices show now. */
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
  const id = newId(indices.map(({ name }) => name));
  cluster.pits.set(id, {
    until: cluster.now() + keepAlive,
    parts: indices.map((index) => ({ index, snapshot: index.snapshot() })),
  });
  return ok({ id, _shards: { total: indices.length, successful: indices.length, skipped: 0, failed: 0 } });
}

function expire(cluster: Cluster): void {
  for (const [id, { until }] of cluster.pits) if (until < cluster.now()) cluster.pits.delete(id);
}

/** What a search with this point in time sees. One that is gone, or whose index was deleted, is a 404. */
export function openPit(
  cluster: Cluster,
  { id, keepAlive }: { id: string; keepAlive: number | undefined },
): PointInTime["parts"] {
  expire(cluster);
  const pit = cluster.pits.get(id);
  if (pit === undefined) throw missing(id, cluster.node);
  if (keepAlive !== undefined) pit.until = Math.max(pit.until, cluster.now() + keepAlive);
  return pit.parts;
}

/** The first number of the real one's ids: the version of its transport. */
const transportVersion = 9348007;
const prefix = "p8e6BA";

/** Refuses an id that the real one could not have made: its first number is no known version. */
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

/** An id names its indices, so that an error can when it is gone. */
const newId = (indices: readonly string[]) =>
  prefix + Buffer.from(JSON.stringify([newUuid(), ...indices])).toString("base64url");

function missing(id: string, node: string): Failure {
  checkId(id);
  const [session, ...indices] = contentOf(id);
  const reason = `No search context found for id [[${session}][1] searcherId [null]]`;
  const cause = new Failure("search_context_missing_exception", reason, { status: 404 });
  return new ShardsFailure(
    indices.map((index) => ({ index, cause })),
    node,
  );
}

function contentOf(id: string): string[] {
  try {
    return JSON.parse(Buffer.from(id.slice(prefix.length), "base64url").toString()) as string[];
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
  const freed = cluster.pits.get(id)?.parts.length ?? 0;
  if (freed === 0) checkId(id);
  cluster.pits.delete(id);
  return ok({ succeeded: freed > 0, num_freed: freed }, freed > 0 ? 200 : 404);
}
