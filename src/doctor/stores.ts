import { loadConfig } from "../platform/config.ts";
import { createElasticsearch, elasticsearchSettings } from "../platform/elasticsearch.ts";
import type { Pool } from "../platform/postgres.ts";
import type { ReadModelStore } from "../projections/engine/ports/readModelStore.ts";
import { createPostgresStore } from "../projections/stores/postgres/store.ts";
import { createStores } from "../projections/stores/stores.ts";

/** The checkpoints of builds in all stores; rejects for a search engine that is not configured. */
export function openCheckpoints(
  pool: Pool,
  environment: NodeJS.ProcessEnv,
  requestTimeoutMs: number,
): { readonly store: Pick<ReadModelStore, "checkpoints">; close(): Promise<void> } {
  try {
    const config = loadConfig([...elasticsearchSettings, "ELASTICSEARCH_PREFIX"], environment);
    const client = createElasticsearch(config, { requestTimeoutMs, service: "doctor" });
    const store = createStores({
      pool,
      client,
      prefix: config.ELASTICSEARCH_PREFIX,
      numbers: {},
      now: () => new Date(),
    });
    return { store, close: () => client.close() };
  } catch {
    const postgres = createPostgresStore(pool);
    const checkpoints: ReadModelStore["checkpoints"] = async (build) => {
      if (build.store === "elasticsearch") throw new Error("no search engine is configured");
      return postgres.checkpoints(build);
    };
    return { store: { checkpoints }, close: async () => {} };
  }
}
