import { createCodec } from "../event-store/codec.ts";
import { connectEventStore } from "../event-store/connect.ts";
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
import { startDispatcher } from "../projections/engine/dispatch/startDispatcher.ts";
import { defaultTiming } from "../projections/engine/timing.ts";
import { readModels } from "../projections/registry.ts";
import { openStores, storeSettings } from "./stores.ts";

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
]);
lowerPriority(config.PROJECTION_NICE);
const logger = createLogger("dispatcher", config.LOG_LEVEL);
/** Empty while the process waits for Postgres: then it has nothing to end. */
const shutdown: ShutdownStep[] = [];
onShutdown(logger, shutdown);
const pool = createPool({ url: config.DATABASE_URL, max: poolSizes.dispatcher, service: "dispatcher", logger });
const redis = connectRedis({ url: config.REDIS_URL, blocking: false, logger });
const subscriber = connectRedis({ url: config.REDIS_URL, blocking: true, logger });
const eventStore = connectEventStore({ url: config.EVENTSTORE_URL, logger });

const stores = openStores(pool, config, "dispatcher");

const metrics = createMetrics("dispatcher");
const metricsServer =
  config.METRICS_PORT === 0 ? undefined : await serveMetrics(metrics, config.HOST, config.METRICS_PORT);

const catalog = createCatalog(pool);
await ensureBuilds(catalog, readModels, config.PROJECTION_PARTITIONS, logger);
const dispatcher = startDispatcher({
  readModels,
  store: stores.store,
  catalog,
  codec: createCodec(),
  eventStore,
  redis,
  subscriber,
  logger,
  timing: defaultTiming,
});
logger.info("dispatcher started");

shutdown.push(
  ["metrics", async () => metricsServer?.close()],
  ["dispatcher", () => dispatcher.close()],
  ["event store", () => eventStore.close()],
  ["Redis", async () => redis.disconnect()],
  ["Redis signals", async () => subscriber.disconnect()],
  ["Elasticsearch", stores.close],
  ["Postgres", () => pool.end()],
);
