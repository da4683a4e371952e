import { createCodec } from "../event-store/codec.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import {
  type Verification,
  type VerifyProgress,
  type VerifyScope,
  verifyBuild,
} from "../projections/engine/verify/verifyBuild.ts";
import { findReadModel } from "../projections/registry.ts";
import type { CliParts } from "./cliParts.ts";
import { withStores } from "./stores.ts";

/**
 * Compares the live build of a read model with the log, and stores the result for the metrics and the doctor. Rejects, and stores
 * nothing, if neither the log nor the build has anything of the keys that were named.
 */
export async function verifyReadModel(
  { pool, eventStore }: Pick<CliParts, "pool" | "eventStore">,
  name: string,
  scope: VerifyScope,
  onProgress: (progress: VerifyProgress) => void,
): Promise<Verification & { readonly build: string }> {
  const readModel = findReadModel(name);
  const catalog = createCatalog(pool);
  return withStores(pool, async (store) => {
    const live = (await catalog.buildsOf(readModel)).find(({ state }) => state === "live")?.build;
    if (live === undefined) throw new Error(`version ${readModel.version} of ${name} is not live yet`);
    const dependencies = { store, eventStore, codec: createCodec() };
    const verified = await verifyBuild(dependencies, live, scope, { onProgress });
    if (scope.kind === "keys" && verified.keys === 0 && verified.rows === 0 && verified.differences === 0)
      throw new Error(`neither the log nor ${live.name} has anything of ${scope.keys.join(", ")}`);
    await catalog.recordVerification({ readModel: name, build: live.name, scope, ...verified });
    return { build: live.name, ...verified };
  });
}
