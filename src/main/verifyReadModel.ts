import { createCodec } from "../event-store/codec.ts";
import { connectEventStore } from "../event-store/connect.ts";
import { loadConfig } from "../platform/config.ts";
import type { Logger } from "../platform/logger.ts";
import { createPool } from "../platform/postgres.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import {
  type Verification,
  type VerifyProgress,
  type VerifyScope,
  verifyBuild,
} from "../projections/engine/verify/verifyBuild.ts";
import { readModels } from "../projections/registry.ts";
import { storesOfEnvironment } from "./stores.ts";

/**
 * Compares the live build of a read model with the log, and stores the result for the metrics and the doctor. Rejects, and stores
 * nothing, if neither the log nor the build has anything of the keys that were named.
 */
export async function verifyReadModel(
  name: string,
  scope: VerifyScope,
  onProgress: (progress: VerifyProgress) => void,
  logger: Logger,
): Promise<Verification & { readonly build: string }> {
  const readModel = readModels.find((known) => known.name === name);
  if (readModel === undefined) throw new Error(`there is no read model ${name}`);
  const config = loadConfig(["DATABASE_URL", "EVENTSTORE_URL"]);
  const pool = createPool({ url: config.DATABASE_URL, max: 2, service: "cli", logger });
  const eventStore = connectEventStore({ url: config.EVENTSTORE_URL, logger });
  const catalog = createCatalog(pool);
  const stores = storesOfEnvironment(pool);
  try {
    const live = (await catalog.buildsOf(readModel)).find(({ state }) => state === "live")?.build;
    if (live === undefined) throw new Error(`version ${readModel.version} of ${name} is not live yet`);
    const dependencies = { store: stores.store, eventStore, codec: createCodec() };
    const verified = await verifyBuild(dependencies, live, scope, { onProgress });
    if (scope.kind === "keys" && verified.keys === 0 && verified.rows === 0 && verified.differences === 0)
      throw new Error(`neither the log nor ${live.name} has anything of ${scope.keys.join(", ")}`);
    await catalog.recordVerification({ readModel: name, build: live.name, scope, ...verified });
    return { build: live.name, ...verified };
  } finally {
    await Promise.all([pool.end(), eventStore.close(), stores.close()]);
  }
}
