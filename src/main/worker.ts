import { createHandleCommand } from "../commands/handleCommand.ts";
import { createCodec } from "../event-store/codec.ts";
import { connectEventStore } from "../event-store/connect.ts";
import { startImportingUploads } from "../library-import/uploads/importUploads.ts";
import { countBatches } from "../metrics/batches.ts";
import { createMetrics } from "../metrics/registry.ts";
import { serveMetrics } from "../metrics/serve.ts";
import { loadConfig } from "../platform/config.ts";
import { createLogger } from "../platform/logger.ts";
import { createPool } from "../platform/postgres.ts";
import { connectRedis } from "../platform/redis.ts";
import { onShutdown } from "../platform/shutdown.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import { ensureBuilds } from "../projections/engine/builds/ensureBuilds.ts";
import { startWorkers } from "../projections/engine/startWorkers.ts";
import { defaultTiming } from "../projections/engine/timing.ts";
import { keepHeatRefreshed } from "../projections/refreshed/keepHeatRefreshed.ts";
import { readModels } from "../projections/registry.ts";
import { createPostgresStore } from "../projections/stores/postgres/store.ts";
import { importDeps } from "./importDeps.ts";

// The worker process: applies batches to the read models, and imports what operators upload.

const config = loadConfig([
  "LOG_LEVEL",
  "HOST",
  "METRICS_PORT",
  "DATABASE_URL",
  "REDIS_URL",
  "EVENTSTORE_URL",
  "PROJECTION_PARTITIONS",
]);
const logger = createLogger("worker", config.LOG_LEVEL);
const pool = createPool({ url: config.DATABASE_URL, max: 16, service: "worker", logger });
const redis = connectRedis({ url: config.REDIS_URL, blocking: true, logger });
const subscriber = connectRedis({ url: config.REDIS_URL, blocking: true, logger });

const metrics = createMetrics("worker");
const shown = config.METRICS_PORT === 0 ? undefined : await serveMetrics(metrics, config.HOST, config.METRICS_PORT);

const catalog = createCatalog(pool);
await ensureBuilds(catalog, readModels, config.PROJECTION_PARTITIONS, logger);
const eventStore = connectEventStore({ url: config.EVENTSTORE_URL, logger });
const imports = importDeps(pool, createHandleCommand({ eventStore, logger }));
const uploads = startImportingUploads({ pool, imports, logger });
const heat = keepHeatRefreshed({ pool, logger });
const workers = startWorkers({
  ...{ readModels, store: createPostgresStore(pool), catalog, codec: createCodec() },
  ...{ eventStore, redis, subscriber, logger },
  timing: defaultTiming,
  onBatch: countBatches(metrics),
});
logger.info("worker started");

onShutdown(logger, [
  ["metrics", async () => shown?.close()],
  ["uploads", uploads.close],
  ["heat", heat.close],
  ["partition workers", workers.close],
  ["Redis", async () => redis.disconnect()],
  ["Redis signals", async () => subscriber.disconnect()],
  ["event store", () => eventStore.close()],
  ["Postgres", () => pool.end()],
]);
