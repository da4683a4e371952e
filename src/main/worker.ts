import { join, resolve } from "node:path";
import { startErasing } from "../auth/erasure/erasePending.ts";
import { createSessionKeys } from "../auth/sessionKeys.ts";
import { createHandleCommand } from "../commands/handleCommand.ts";
import { createCodec } from "../event-store/codec.ts";
import { connectEventStore } from "../event-store/connect.ts";
import { scavengeUnderWay } from "../event-store/scavenges.ts";
import { startImportingUploads } from "../library-import/uploads/importUploads.ts";
import { countBatches } from "../metrics/batches.ts";
import { createMetrics } from "../metrics/registry.ts";
import { serveMetrics } from "../metrics/serve.ts";
import { loadConfig } from "../platform/config.ts";
import { createLogger } from "../platform/logger.ts";
import { poolSizes } from "../platform/poolSizes.ts";
import { createPool } from "../platform/postgres.ts";
import { lowerPriority } from "../platform/priority.ts";
import { connectRedis } from "../platform/redis.ts";
import { onShutdown, type ShutdownStep } from "../platform/shutdown.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import { ensureBuilds } from "../projections/engine/builds/ensureBuilds.ts";
import { defaultTiming } from "../projections/engine/timing.ts";
import { startWorkers } from "../projections/engine/workers/startWorkers.ts";
import { keepHeatRefreshed } from "../projections/refreshed/keepHeatRefreshed.ts";
import { keepNumbersRefreshed } from "../projections/refreshed/keepNumbersRefreshed.ts";
import { readModels } from "../projections/registry.ts";
import { analyticsFolder } from "../replay/analytics/published.ts";
import { startAnalytics } from "../replay/analytics/startAnalytics.ts";
import { createReplays } from "../replay/jobs/replays.ts";
import { startReplays } from "../replay/jobs/startReplays.ts";
import { duckLimits } from "./duckLimits.ts";
import { importDependencies } from "./importDependencies.ts";
import { openStores, storeSettings } from "./stores.ts";

// The worker process: applies batches to the read models, imports uploads, erases readers and makes replays.

const config = loadConfig([
  "LOG_LEVEL",
  "HOST",
  "METRICS_PORT",
  "DATABASE_URL",
  "REDIS_URL",
  "EVENTSTORE_URL",
  "PROJECTION_PARTITIONS",
  "PROJECTION_NICE",
  ...storeSettings,
  "PSEUDONYM_KEYS",
  "REPLAY_DIR",
]);
lowerPriority(config.PROJECTION_NICE);
const logger = createLogger("worker", config.LOG_LEVEL);
/** Empty while the process waits for Postgres: then it has nothing to end. */
const shutdown: ShutdownStep[] = [];
onShutdown(logger, shutdown);
const pool = createPool({ url: config.DATABASE_URL, max: poolSizes.worker, service: "worker", logger });
const redis = connectRedis({ url: config.REDIS_URL, blocking: true, logger });
/** For the session keys: a command must not wait for ever if it is not answered. */
const sessions = connectRedis({ url: config.REDIS_URL, blocking: false, commandTimeoutMs: 2_000, logger });
const subscriber = connectRedis({ url: config.REDIS_URL, blocking: true, logger });

const stores = openStores(pool, config, "worker");

const metrics = createMetrics("worker");
const metricsServer =
  config.METRICS_PORT === 0 ? undefined : await serveMetrics(metrics, config.HOST, config.METRICS_PORT);

const catalog = createCatalog(pool);
await ensureBuilds(catalog, readModels, config.PROJECTION_PARTITIONS, logger);
const eventStore = connectEventStore({ url: config.EVENTSTORE_URL, logger });
const handleCommand = createHandleCommand({ eventStore, logger });
const imports = importDependencies(pool, handleCommand, eventStore);
const uploads = startImportingUploads({ pool, imports, logger });
const heat = keepHeatRefreshed({ pool, logger });
const numbers = keepNumbersRefreshed({
  pool,
  catalog,
  readModels,
  logger,
  refreshNumbers: stores.refreshNumbers,
});
const erasing = startErasing({
  pool,
  handleCommand,
  eventStore,
  logger,
  sessionKeys: createSessionKeys({ redis: sessions, keys: [] }),
  scavengeUnderWay: () => scavengeUnderWay(eventStore),
});
const workers = startWorkers({
  readModels,
  store: stores.store,
  catalog,
  codec: createCodec(),
  eventStore,
  redis,
  subscriber,
  logger,
  timing: defaultTiming,
  onBatch: countBatches(metrics),
});
const { PSEUDONYM_KEYS: keys } = config;
const folder = resolve(config.REPLAY_DIR);
const limits = duckLimits();
const replays =
  keys && startReplays({ pool, eventStore, redis, logger, keys, folder, limits, replays: createReplays(pool) });
const analytics =
  keys && startAnalytics({ pool, eventStore, keys, logger, limits, folder: join(folder, analyticsFolder) });
logger.info("worker started");

shutdown.push(
  ["metrics", async () => metricsServer?.close()],
  ["uploads", uploads.close],
  ["heat", heat.close],
  ["numbers", numbers.close],
  ["erasures", erasing.close],
  ["partition workers", workers.close],
  ["replays", async () => replays?.close()],
  ["analytics", async () => analytics?.close()],
  ["Redis", async () => redis.disconnect()],
  ["Redis sessions", async () => sessions.disconnect()],
  ["Redis signals", async () => subscriber.disconnect()],
  ["event store", () => eventStore.close()],
  ["Elasticsearch", stores.close],
  ["Postgres", () => pool.end()],
);
