import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Redis } from "../../../src/platform/redis.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";

/** A worker of a tally's build as a separate process (workerProcess.ts). It ends only on a signal. */
export function spawnWorker(databaseUrl: string, redis: Redis, build: Build, deadlyBook = ""): ChildProcess {
  const script = fileURLToPath(new URL("workerProcess.ts", import.meta.url));
  const { host, port, db } = redis.options;
  return spawn(process.execPath, ["--import", "tsx", script], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      REDIS_URL: `redis://${host}:${port}/${db}`,
      READ_MODEL: build.readModel.name,
      DEADLY_BOOK: deadlyBook,
    },
  });
}
