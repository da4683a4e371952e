import { randomUUID } from "node:crypto";
import { Client } from "@elastic/elasticsearch";
import { startElasticsearch } from "../../embedded/elasticsearch/server.ts";
import { freePort } from "../../embedded/freePort.ts";

/**
 * Starts a private search engine: the embedded one, empty, or with TEST_ELASTICSEARCH_URL that server. `prefix` begins the names
 * of a test's indices and aliases, before a hyphen (ELASTICSEARCH_PREFIX); on the given server `stop` deletes those; tests are
 * separated only by the prefix. `kill` ends the server, `restart` starts it again on the same port, empty; on a given server both
 * reject. `notReal` is the reason why the test cannot use that server: then it gets an embedded one, and the reason is printed.
 */
export async function freshElasticsearch(notReal?: string) {
  const real = process.env.TEST_ELASTICSEARCH_URL;
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  if (real !== undefined && notReal !== undefined)
    console.warn(`TEST_ELASTICSEARCH_URL is left aside, an embedded Elasticsearch takes its place: ${notReal}`);
  else if (real !== undefined) {
    const refuse = async () => {
      throw new Error("the Elasticsearch of TEST_ELASTICSEARCH_URL is not ours to kill");
    };
    return { url: real, prefix, stop: () => removeIndices(real, prefix), kill: refuse, restart: refuse };
  }
  const address = { host: "127.0.0.1", port: await freePort() };
  let running = await startElasticsearch(address);
  const kill = () => running.close();
  return {
    url: running.url,
    prefix,
    kill,
    stop: kill,
    restart: async () => {
      await running.close();
      running = await startElasticsearch(address);
    },
  };
}

async function removeIndices(url: string, prefix: string): Promise<void> {
  const client = new Client({ node: url, requestTimeout: 30_000 });
  try {
    const names = Object.keys(await client.indices.get({ index: `${prefix}-*`, expand_wildcards: "all" }));
    if (names.length > 0) await client.indices.delete({ index: names });
  } finally {
    await client.close();
  }
}
