import { type Elasticsearch, failureOf } from "../platform/elasticsearch.ts";
import { pause } from "../projections/engine/timing.ts";
import { indexAlias } from "../projections/views.ts";
import { type Check, type Finding, messageOf } from "./check.ts";

/** The oldest supported server: major, minor. */
const oldest = [9, 4] as const;

/** For how long, in milliseconds, a build that takes over may be live without its alias, or have the alias before it is live. */
const swapMs = 500;

/** A build that queries should read. */
export type LiveBuild = { readonly name: string; readonly readModel: string; readonly version: number };

/** `prefix` is that of the names of our indices and aliases; `liveBuilds` resolves with the live builds that have an index. */
type Ours = { readonly prefix: string; liveBuilds(): Promise<readonly LiveBuild[]> };

/**
 * Checks that the search engine answers, is recent enough, has all its data, accepts writes and shows each live build to queries, and
 * reports which of our aliases exist. If `liveBuilds` rejects, only the aliases are reported.
 */
export function elasticsearchCheck(connect: () => Elasticsearch, address: string, ours: Ours): Check {
  return {
    name: "elasticsearch",
    async run(signal): Promise<Finding> {
      const client = connect();
      try {
        return await look(client, address, ours, signal);
      } catch (error) {
        return { status: "failed", message: `${address}: ${messageOf(error)}`, hint: advice(error) };
      } finally {
        void client.close().catch(() => {});
      }
    },
  };
}

async function look(client: Elasticsearch, address: string, ours: Ours, signal: AbortSignal): Promise<Finding> {
  const health = await client.cluster.health({}, { signal });
  const version = await versionOf(client, signal);
  const message = `${address}, version ${version ?? "unknown"}, ${health.status}`;
  if (version !== undefined && isOlder(version)) {
    const hint = `upgrade to Elasticsearch ${oldest.join(".")} or later (docker-compose.yml has one)`;
    return { status: "failed", message: `${message}; too old`, hint };
  }
  if (health.status === "red") {
    const hint = "see its log; a lost index is rebuilt from the events once it is deleted";
    return { status: "failed", message: `${message}: part of its data is not there`, hint };
  }
  const names = `${ours.prefix}-*`;
  const blocked = await blockedIndices(client, names, signal);
  if (blocked.length > 0) {
    const hint =
      "free space on its disk: the block is lifted automatically below the flood stage; a block set manually must be removed";
    return { status: "failed", message: `${message}; takes no writes: ${blocked.join(", ")}`, hint };
  }
  const looked = async () => {
    const shown = await shownIndices(client, names, signal);
    return { shown, hidden: await hiddenBuilds(ours, shown) };
  };
  const first = await looked();
  if (first.hidden.length > 0) await pause(swapMs, signal);
  const { shown, hidden } = first.hidden.length > 0 ? await looked() : first;
  if (hidden.length > 0) {
    const hint = "restart the dispatcher, which sets the alias again, or rebuild; until then searches answer 503";
    return { status: "failed", message: `${message}; no alias shows ${hidden.join(", ")} to queries`, hint };
  }
  if (shown.length === 0) {
    const hint = "start a dispatcher and a worker: they build it. Until then the search answers 503";
    return { status: "warning", message: `${message}; no index of ${names} is live yet`, hint };
  }
  const aliases = shown.map(({ alias, index }) => `${alias} → ${index}`);
  return { status: "ok", message: `${message}; ${aliases.join(", ")}` };
}

type Shown = { readonly alias: string; readonly index: string };

/** The aliases that queries read, each with its index. Every build has another one for writes, also while it is built. */
async function shownIndices(client: Elasticsearch, names: string, signal: AbortSignal): Promise<readonly Shown[]> {
  const found = await client.indices.getAlias({ index: names }, { signal });
  return Object.entries(found).flatMap(([index, { aliases }]) =>
    Object.keys(aliases).flatMap((alias) => (alias === `${index}-write` ? [] : [{ alias, index }])),
  );
}

/** The live builds whose alias does not point to them. */
async function hiddenBuilds({ prefix, liveBuilds }: Ours, shown: readonly Shown[]): Promise<readonly string[]> {
  const live = await liveBuilds().catch(() => []);
  const isShown = ({ name, readModel, version }: LiveBuild) => {
    const wanted = indexAlias(prefix, { name: readModel, version });
    return shown.some(({ alias, index }) => alias === wanted && index === `${prefix}-${name}`);
  };
  return live.filter((build) => !isShown(build)).map(({ name }) => name);
}

/** Undefined if the server does not report it: not every distribution answers GET /. */
async function versionOf(client: Elasticsearch, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await client.info({}, { signal })).version.number;
  } catch (error) {
    if (failureOf(error) === "refused") return undefined;
    throw error;
  }
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
}

/** Indices that reject writes, because of a manual block or a full disk. A write block alone is part of a swap. */
async function blockedIndices(client: Elasticsearch, names: string, signal: AbortSignal): Promise<string[]> {
  const found = await client.indices.getSettings({ index: names, flat_settings: true }, { signal });
  return Object.entries(found).flatMap(([index, { settings = {} }]) => {
    const flat = settings as Readonly<Record<string, unknown>>;
    const isBlocked = ["read_only", "read_only_allow_delete"].some((block) => flat[`index.blocks.${block}`] === "true");
    return isBlocked ? [index] : [];
  });
}

function advice(error: unknown): string {
  const { statusCode } = error as { readonly statusCode?: number };
  return statusCode === 401 || statusCode === 403
    ? "correct user and password in ELASTICSEARCH_URL, or ELASTICSEARCH_API_KEY"
    : "start Elasticsearch, or correct ELASTICSEARCH_URL; without it only the search is away";
}
