import type { Logger } from "../../platform/logger.ts";
import type { Pool } from "../../platform/postgres.ts";
import { type Build, ensureBuild } from "./build.ts";
import type { ReadModel } from "./declaration.ts";

/**
 * The live builds of all read models, each made if it is not there. Waits for Postgres for ever; any other error ends it,
 * the process with it: a declaration that does not fit its build is not mended by waiting.
 */
export async function ensureBuilds(
  pool: Pool,
  readModels: readonly ReadModel[],
  partitions: number,
  logger: Logger,
): Promise<readonly Build[]> {
  for (;;) {
    try {
      const builds: Build[] = [];
      for (const readModel of readModels) builds.push(await ensureBuild(pool, readModel, partitions));
      return builds;
    } catch (error) {
      if (!isAway(error)) throw error;
      logger.warn({ err: error }, "Postgres is away; waiting for it");
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** A connection that could not be made or was lost, or a server that starts or stops (SQLSTATE classes 08 and 57). */
function isAway(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return (
    /^(E[A-Z]+|08...|57...)$/.test(code) ||
    (error instanceof Error && /Connection terminated|timeout/i.test(error.message))
  );
}
