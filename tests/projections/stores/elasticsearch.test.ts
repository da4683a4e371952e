import { Client } from "@elastic/elasticsearch";
import { createElasticsearchStore } from "../../../src/projections/stores/elasticsearch/store.ts";
import { indexAlias } from "../../../src/projections/views.ts";
import { freshElasticsearch } from "../../support/elasticsearch.ts";
import { freshStore } from "../store.ts";
import { readModelStoreContract } from "./contract.ts";

readModelStoreContract("Elasticsearch", async () => {
  const { pool, catalog, close } = await freshStore();
  const { url, prefix, stop } = await freshElasticsearch();
  const client = new Client({ node: url });
  const context = { pool, client, prefix, numbers: {}, now: () => new Date() };
  // Port 1 of this machine: nothing listens there.
  const nowhere = new Client({ node: "http://127.0.0.1:1", maxRetries: 0 });
  return {
    indexed: true,
    store: createElasticsearchStore(context),
    catalog,
    async queried(readModel) {
      const index = indexAlias(prefix, readModel);
      if (!(await client.indices.exists({ index }))) return undefined;
      const { hits } = await client.search<{ engine: { row: Record<string, unknown> } }>({
        index,
        size: 1_000,
        query: { exists: { field: "reader" } },
        sort: ["reader"],
      });
      return hits.hits.map(({ _source }) => asRow(_source?.engine.row ?? {}));
    },
    unreachable: createElasticsearchStore({ ...context, client: nowhere }),
    async close() {
      await Promise.all([client.close(), nowhere.close()]);
      await stop();
      await close();
    },
  };
});

/** A row of `visits` as it was before JSON. */
function asRow({ far, last_at, ...row }: Record<string, unknown>): Record<string, unknown> {
  return { ...row, far: BigInt(String(far)), last_at: new Date(String(last_at)) };
}
