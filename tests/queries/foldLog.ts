import { categoryOf } from "../../src/domain/streams.ts";
import type { Pool } from "../../src/platform/postgres.ts";
import { applyBatch } from "../../src/projections/engine/apply/applyBatch.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import { handledCategories } from "../../src/projections/engine/core/declaration.ts";
import { createPostgresStore } from "../../src/projections/stores/postgres/store.ts";
import type { InMemoryEventStore } from "../commands/inMemoryEventStore.ts";
import { batchOf, codec } from "../projections/fixtures.ts";

/** Folds what was appended to a log in memory since the last call into the read models of `createReadModelTables`. */
export function foldingLog(pool: Pool, builds: readonly Build[], log: InMemoryEventStore): () => Promise<void> {
  const store = createPostgresStore(pool);
  let folded = 0;
  return async () => {
    const events = log.log.slice(folded);
    if (events.length === 0) return;
    const after = folded === 0 ? -1n : (log.log[folded - 1]?.position ?? -1n);
    folded = log.log.length;
    for (const build of builds) {
      const handled = handledCategories(build.readModel);
      const own = events.filter(({ stream }) => handled.some((one) => one === categoryOf(stream)));
      if (own.length === 0) continue;
      const checkpoint = (await store.checkpoints(build))[0]?.position ?? after;
      await applyBatch(store, codec, build, batchOf(build, 0, checkpoint, own));
    }
  };
}
