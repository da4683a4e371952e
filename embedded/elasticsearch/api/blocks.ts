import { type Answer, checkParameters, type Exchange, ok } from "../http/exchange.ts";
import { type Cluster, resolve } from "../indices/cluster.ts";
import type { Index } from "../indices/index.ts";
import { verified } from "../indices/settings.ts";
import { illegalArgument, validationFailed } from "../json/failure.ts";
import { leniency, leniencyParameters, timeouts } from "./indices.ts";

/** The blocks of the route; true if one blocks every write. */
const blocks: Readonly<Record<string, boolean>> = { metadata: false, read: false, read_only: true, write: true };

/** PUT /{index}/_block/{block}: every write has ended before the next request is read, so there is none to wait for. */
export function add(cluster: Cluster, exchange: Exchange): Answer {
  const { key, keepsWritesOut, indices } = read(cluster, exchange);
  const added = indices.filter(
    ({ settings }) => settings[key] !== "true" || (keepsWritesOut && settings[verified] !== "true"),
  );
  for (const index of added)
    index.settings = { ...index.settings, [key]: "true", ...(keepsWritesOut && { [verified]: "true" }) };
  return ok({
    acknowledged: true,
    shards_acknowledged: added.length > 0,
    indices: added.map(({ name }) => ({ name, blocked: true })),
  });
}

/** DELETE /{index}/_block/{block} */
export function remove(cluster: Cluster, exchange: Exchange): Answer {
  const { key, keepsWritesOut, indices } = read(cluster, exchange);
  for (const index of indices) {
    const gone = keepsWritesOut ? [key, verified] : [key];
    index.settings = Object.fromEntries(Object.entries(index.settings).filter(([name]) => !gone.includes(name)));
  }
  return ok({ acknowledged: true, indices: indices.map(({ name }) => ({ name, unblocked: true })) });
}

function read(
  cluster: Cluster,
  exchange: Exchange,
): { readonly key: string; readonly keepsWritesOut: boolean; readonly indices: readonly Index[] } {
  const { index: expression = "", block = "" } = exchange.at;
  checkParameters(exchange, [...leniencyParameters, ...timeouts]);
  if (block === "read_only_allow_delete")
    throw validationFailed("read_only_allow_delete block is for internal use only");
  const keepsWritesOut = blocks[block];
  if (keepsWritesOut === undefined) throw illegalArgument(`No block found with name ${block}`);
  if (expression === "_all" || expression.includes("*"))
    throw illegalArgument("Wildcard expressions or all indices are not allowed");
  const indices = resolve(cluster, expression, leniency(exchange));
  return { key: `index.blocks.${block}`, keepsWritesOut, indices };
}
