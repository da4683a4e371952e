import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { createPool } from "../../src/platform/postgres.ts";
import { createCatalog } from "../../src/projections/catalog/catalog.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import { createPostgresStore } from "../../src/projections/stores/postgres/store.ts";
import { threeTables } from "./readModel.ts";

/** A directory for CPU profiles of the processes that are started. */
const profileDir = process.env.BENCH_PROFILE_DIR;
const profiling = profileDir === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`];

const logger = createLogger("bench", process.env.LOG_LEVEL ?? "warn");

/** The engines of a stack without our processes, and clients for them. */
export async function openWorld(dataDir: string) {
  const stack = await startStack({ dataDir, onlyEngines: true, logLevel: "warn" });
  const { DATABASE_URL = "", EVENTSTORE_URL = "" } = stack.environment;
  await migrate(DATABASE_URL, logger);
  const pool = createPool({ url: DATABASE_URL, max: 8, service: "bench", logger });
  const catalog = createCatalog(pool);
  const store = createPostgresStore(pool);
  const eventStore = connectEventStore({ url: EVENTSTORE_URL, logger });

  return {
    stack,
    pool,
    catalog,
    store,
    eventStore,
    logger,
    eventStoreUrl: EVENTSTORE_URL,
    /** A new, empty build. */
    async newBuild(partitions = 2): Promise<Build> {
      const build = await catalog.add(threeTables, partitions);
      if (build === undefined) throw new Error("no build was added");
      await store.open(build);
      return build;
    },
    /** A dispatcher or a worker as a separate process. */
    async start(role: "dispatcher" | "worker") {
      const script = fileURLToPath(new URL("process.ts", import.meta.url));
      const env = { ...process.env, ...stack.environment };
      const child = fork(script, [role], { env, execArgv: ["--import", "tsx", ...profiling], stdio: "inherit" });
      await once(child, "message");
      return {
        pid: child.pid ?? 0,
        async stop() {
          child.kill("SIGTERM");
          if (child.exitCode === null) await once(child, "exit");
        },
      };
    },
    async close() {
      await Promise.all([pool.end(), eventStore.close()]);
      await stack.stop();
    },
  };
}
export type World = Awaited<ReturnType<typeof openWorld>>;
