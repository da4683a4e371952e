import { connectEventStore } from "../event-store/connect.ts";
import { type Config, loadConfig, type Setting, wrongSettings } from "../platform/config.ts";
import { createElasticsearch, elasticsearchSettings } from "../platform/elasticsearch.ts";
import { createLogger } from "../platform/logger.ts";
import { createPool, type Pool } from "../platform/postgres.ts";
import { connectRedis } from "../platform/redis.ts";
import { addressOf } from "../platform/serverUrl.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import type { ReadModel } from "../projections/engine/core/declaration.ts";
import type { ReadModelStore } from "../projections/engine/ports/readModelStore.ts";
import { type Check, type CheckResult, messageOf, runChecks } from "./check.ts";
import { configurationCheck } from "./configuration.ts";
import { elasticsearchCheck, type LiveBuild } from "./elasticsearch.ts";
import { eventStoreCheck } from "./eventStore.ts";
import { checkLog } from "./log.ts";
import { nodeCheck } from "./node.ts";
import { ownBuilds } from "./ownBuilds.ts";
import { postgresChecks } from "./postgres.ts";
import { redisCheck } from "./redis.ts";
import { withoutSecrets } from "./secrets.ts";
import { openCheckpoints } from "./stores.ts";
import { uploadsCheck } from "./uploads.ts";
import { wechatCheck } from "./wechat.ts";
import { workersCheck } from "./workers.ts";

export type DoctorOptions = {
  /** The time limit of each check, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether to write one small event to the event store and one key to Redis, to check that they accept writes. */
  readonly write: boolean;
};

/**
 * Checks everything that the system depends on and gives remedies. If a setting is missing, only the checks that need it are
 * skipped. Never reports secrets. Never rejects.
 */
export async function doctor(
  options: DoctorOptions,
  environment: NodeJS.ProcessEnv,
  readModels: readonly ReadModel[],
): Promise<readonly CheckResult[]> {
  // The findings contain the errors.
  const logger = createLogger("doctor", "silent");
  const { timeoutMs } = options;
  const closing: (() => unknown)[] = [];

  let stores: { readonly pool: Pool; readonly store: Pick<ReadModelStore, "checkpoints"> } | undefined;
  const postgres = whenSet(["DATABASE_URL"], environment, ["postgres"], ({ DATABASE_URL: url }) => {
    const opened = createPool({ url, max: 3, statementTimeoutMs: timeoutMs, service: "doctor", logger });
    const { store, close } = openCheckpoints(opened, environment, timeoutMs);
    stores = { pool: opened, store };
    closing.push(() => opened.end(), close);
    return [...postgresChecks(opened, addressOf(url), readModels, store), uploadsCheck(opened)];
  });
  const redis = whenSet(["REDIS_URL"], environment, ["redis"], ({ REDIS_URL: url }) => {
    const connect = () => connectRedis({ url, blocking: false, commandTimeoutMs: timeoutMs, logger });
    return [redisCheck(connect, addressOf(url), options.write)];
  });
  const workers = whenSet(["DATABASE_URL", "REDIS_URL"], environment, ["workers"], (config) => {
    const pool = createPool({
      url: config.DATABASE_URL,
      max: 1,
      statementTimeoutMs: timeoutMs,
      service: "doctor",
      logger,
    });
    closing.push(() => pool.end());
    const connect = () => connectRedis({ url: config.REDIS_URL, blocking: false, commandTimeoutMs: timeoutMs, logger });
    return [workersCheck(pool, connect, readModels)];
  });
  const eventStore = whenSet(["EVENTSTORE_URL"], environment, ["event store"], ({ EVENTSTORE_URL: url }) => {
    const store = connectEventStore({ url, logger });
    closing.push(() => store.close());
    return [eventStoreCheck(store, addressOf(url), options.write, () => checkLog(store, stores, readModels))];
  });
  const searching = [...elasticsearchSettings, "ELASTICSEARCH_PREFIX"] as const;
  const elasticsearch = whenSet(searching, environment, ["elasticsearch"], (config) => {
    const connect = () => createElasticsearch(config, { requestTimeoutMs: timeoutMs, service: "doctor" });
    const liveBuilds = async () => (stores === undefined ? [] : liveIndexed(stores.pool, readModels));
    const ours = { prefix: config.ELASTICSEARCH_PREFIX, liveBuilds };
    return [elasticsearchCheck(connect, addressOf(config.ELASTICSEARCH_URL), ours)];
  });
  const [appId, secret] = [environment.WECHAT_APPID?.trim(), environment.WECHAT_SECRET?.trim()];
  const wechat = whenSet(["WECHAT_API_URL"], environment, ["wechat"], ({ WECHAT_API_URL: apiUrl }) => [
    wechatCheck({ apiUrl, ...(appId ? { appId } : {}), ...(secret ? { secret } : {}) }),
  ]);

  const checks = [
    nodeCheck(),
    configurationCheck(environment),
    ...postgres,
    ...redis,
    ...workers,
    ...eventStore,
    ...elasticsearch,
    ...wechat,
  ];
  const results = await runChecks(checks, timeoutMs);
  // Not awaited: closing a connection to a hanging server may hang.
  for (const close of closing) void Promise.resolve(close()).catch(() => {});
  return withoutSecrets(results, environment);
}

/** The live builds with an index, of the versions that this release reads. */
async function liveIndexed(pool: Pool, readModels: readonly ReadModel[]): Promise<readonly LiveBuild[]> {
  const catalog = createCatalog(pool);
  const builds = await ownBuilds(catalog, readModels);
  return builds.filter(({ state, store }) => state === "live" && store === "elasticsearch");
}

/** The checks that need these settings; if one is missing, invalid or refused by its client, a finding for each check that names it. */
function whenSet<Names extends Setting>(
  needed: readonly Names[],
  environment: NodeJS.ProcessEnv,
  names: readonly string[],
  make: (config: Config<Names>) => readonly Check[],
): readonly Check[] {
  let config: Config<Names>;
  try {
    config = loadConfig(needed, environment);
  } catch {
    const wrong = wrongSettings(environment).map(({ name }) => name);
    const message = `not checked: ${wrong.filter((name) => needed.some((other) => other === name)).join(", ")} is missing or wrong`;
    return names.map((name) => ({ name, run: async () => ({ status: "skipped", message }) }));
  }
  try {
    return make(config);
  } catch (error) {
    const message = messageOf(error);
    return names.map((name) => ({
      name,
      run: async () => ({ status: "failed", message, hint: `correct ${needed.join(" or ")}` }),
    }));
  }
}
