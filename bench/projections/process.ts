import { createCodec } from "../../src/event-store/codec.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { loadConfig } from "../../src/platform/config.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool } from "../../src/platform/postgres.ts";
import { connectRedis } from "../../src/platform/redis.ts";
import { createCatalog } from "../../src/projections/catalog/catalog.ts";
import { startDispatcher } from "../../src/projections/engine/dispatch/startDispatcher.ts";
import { defaultTiming } from "../../src/projections/engine/timing.ts";
import { startWorkers } from "../../src/projections/engine/workers/startWorkers.ts";
import { createPostgresStore } from "../../src/projections/stores/postgres/store.ts";
import { threeTables } from "./readModel.ts";

// A dispatcher or a worker (by the first argument) as in src/main, with the read model of the benchmark.

const config = loadConfig(["DATABASE_URL", "REDIS_URL", "EVENTSTORE_URL"]);
const role = process.argv[2] === "dispatcher" ? "dispatcher" : "worker";
const logger = createLogger(role, process.env.LOG_LEVEL ?? "warn");
const pool = createPool({ url: config.DATABASE_URL, max: 16, service: role, logger });
const redis = connectRedis({ url: config.REDIS_URL, blocking: role === "worker", logger });
const subscriber = connectRedis({ url: config.REDIS_URL, blocking: true, logger });
const eventStore = connectEventStore({ url: config.EVENTSTORE_URL, logger });
const dependencies = {
  readModels: [threeTables],
  store: createPostgresStore(pool),
  catalog: createCatalog(pool),
  codec: createCodec(),
  eventStore,
  redis,
  subscriber,
  logger,
  timing: defaultTiming,
};
const running = role === "dispatcher" ? startDispatcher(dependencies) : startWorkers(dependencies);
process.on("SIGTERM", async () => {
  await running.close();
  process.exit(0);
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
