import { type Elasticsearch, failureOf } from "../platform/elasticsearch.ts";
import { type Check, type Finding, messageOf } from "./check.ts";

/** The oldest supported server: major, minor. */
const oldest = [9, 4] as const;

/**
 * Checks that the search engine answers, is recent enough, has all its data and accepts writes, and reports which of our
 * aliases exist; `prefix` is that of their names.
 */
export function elasticsearchCheck(connect: () => Elasticsearch, address: string, prefix: string): Check {
  return {
    name: "elasticsearch",
    async run(signal): Promise<Finding> {
      const client = connect();
      try {
        return await look(client, address, prefix, signal);
      } catch (error) {
        return { status: "failed", message: `${address}: ${messageOf(error)}`, hint: advice(error) };
      } finally {
        void client.close().catch(() => {});
      }
    },
  };
}

async function look(client: Elasticsearch, address: string, prefix: string, signal: AbortSignal): Promise<Finding> {
  const health = await client.cluster.health({}, { signal });
  const version = await versionOf(client, signal);
  const message = `${address}, version ${version ?? "unknown"}, ${health.status}`;
  if (version !== undefined && isOlder(version)) {
    const hint = `upgrade to Elasticsearch ${oldest.join(".")} or later (docker-compose.yml has one)`;
    return { status: "failed", message: `${message}; too old`, hint };
  }
  if (health.status === "red") {
    const hint = "see its log; an index that is lost is built anew from the events once it is deleted";
    return { status: "failed", message: `${message}: part of its data is not there`, hint };
  }
  const names = `${prefix}-*`;
  const blocked = await blockedIndices(client, names, signal);
  if (blocked.length > 0) {
    const hint = "make room on its disk: the block goes by itself below the flood stage; one by hand must be taken off";
    return { status: "failed", message: `${message}; takes no writes: ${blocked.join(", ")}`, hint };
  }
  const aliases = Object.entries(await client.indices.getAlias({ index: names }, { signal })).flatMap(
    ([index, { aliases }]) => Object.keys(aliases).map((alias) => `${alias} → ${index}`),
  );
  if (aliases.length === 0) {
    const hint = "start a dispatcher and a worker: they build it. Until then the search answers 503";
    return { status: "warning", message: `${message}; no index of ${names} is live yet`, hint };
  }
  return { status: "ok", message: `${message}; ${aliases.join(", ")}` };
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
