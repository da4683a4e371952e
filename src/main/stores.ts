import { type Config, loadConfig } from "../platform/config.ts";
import { createElasticsearch, type Elasticsearch } from "../platform/elasticsearch.ts";
import type { Pool } from "../platform/postgres.ts";
import type { Build } from "../projections/engine/core/build.ts";
import type { ReadModelStore } from "../projections/engine/ports/readModelStore.ts";
import { bookNumbers } from "../projections/refreshed/bookNumbers.ts";
import type { Context } from "../projections/stores/elasticsearch/context.ts";
import { createNumbersRefresher } from "../projections/stores/elasticsearch/refreshNumbers.ts";
import { createStores } from "../projections/stores/stores.ts";

/** The settings of the stores other than Postgres. */
export const storeSettings = ["ELASTICSEARCH_URL", "ELASTICSEARCH_API_KEY", "ELASTICSEARCH_PREFIX"] as const;
type StoreConfig = Config<(typeof storeSettings)[number]>;

/** Enough for a request that writes some thousand documents on a busy machine. */
const requestTimeoutMs = 10_000;

/** The stores of read models and their client, whose connections `close` ends. */
export function openStores(
  pool: Pool,
  config: StoreConfig,
  service: string,
): {
  readonly store: ReadModelStore;
  /** Updates numbers in a build's documents that change without an event of the document's book. */
  readonly refreshNumbers: (build: Build) => Promise<number>;
  close(): Promise<void>;
} {
  const client = createElasticsearch(config, { requestTimeoutMs, service });
  const context = contextOf(pool, client, config.ELASTICSEARCH_PREFIX);
  return {
    store: createStores(context),
    refreshNumbers: createNumbersRefresher(context),
    close: () => client.close(),
  };
}

/** The stores of read models with an existing client. */
export function storesOn(pool: Pool, client: Elasticsearch, prefix: string): ReadModelStore {
  return createStores(contextOf(pool, client, prefix));
}

function contextOf(pool: Pool, client: Elasticsearch, prefix: string): Context {
  return { pool, client, prefix, numbers: { books: bookNumbers(pool) }, now: () => new Date() };
}

/**
 * The stores configured in the environment, for a command. If the search engine's settings are invalid, only what needs it
 * rejects, with a message about them.
 */
function storesOfEnvironment(pool: Pool): Pick<ReturnType<typeof openStores>, "store" | "close"> {
  let config: StoreConfig;
  try {
    config = loadConfig(storeSettings);
  } catch (error) {
    const unconfigured: Context = {
      pool,
      prefix: "",
      numbers: {},
      now: () => new Date(),
      get client(): never {
        throw error;
      },
    };
    return { store: createStores(unconfigured), close: async () => {} };
  }
  return openStores(pool, config, "cli");
}

/** Runs work with the stores configured in the environment. */
export async function withStores<Result>(
  pool: Pool,
  work: (store: ReadModelStore) => Promise<Result>,
): Promise<Result> {
  const { store, close } = storesOfEnvironment(pool);
  try {
    return await work(store);
  } finally {
    await close();
  }
}
