import { afterAll, beforeAll, expect, test } from "vitest";
import { createElasticsearch, type Elasticsearch, failureOf } from "../../src/platform/elasticsearch.ts";
import { freshElasticsearch } from "../support/elasticsearch.ts";
import { searchBusy, searchEmptied, searchReadOnly } from "./faults/elasticsearch.ts";
import type { FaultContext } from "./faults/fault.ts";
import { type Link, openLink } from "./world/link.ts";

let elasticsearch: Awaited<ReturnType<typeof freshElasticsearch>>;
let link: Link;
let client: Elasticsearch;
beforeAll(async () => {
  elasticsearch = await freshElasticsearch();
  link = await openLink("api→elasticsearch", elasticsearch.url);
  const config = { ELASTICSEARCH_URL: link.url, ELASTICSEARCH_API_KEY: "" };
  client = createElasticsearch(config, { requestTimeoutMs: 30_000, service: "test" });
});
afterAll(async () => {
  await client.close();
  await link.close();
  await elasticsearch.stop();
});

function contextFor(forMs: number): FaultContext {
  const environment = { ELASTICSEARCH_URL: elasticsearch.url, ELASTICSEARCH_PREFIX: elasticsearch.prefix };
  return { world: { environment, links: [link] }, forMs } as unknown as FaultContext;
}

/** Writes again and again while a fault is done; how the writes that failed did, and that one succeeds afterwards. */
async function writesDuring(fault: Promise<string>, index: string): Promise<ReadonlySet<string | undefined>> {
  const failures = new Set<string | undefined>();
  const write = () => client.index({ index, id: "1", document: {} });
  const over = fault.then(() => true);
  while (
    !(await Promise.race([
      over,
      write().then(
        () => false,
        (error) => void failures.add(failureOf(error)),
      ),
    ]))
  );
  await write();
  return failures;
}

test("the fault of 429s refuses what comes over the links, also over connections that were open, and lets go", async () => {
  const index = `${elasticsearch.prefix}-busy`;
  await client.indices.create({ index });
  const fault = searchBusy(contextFor(300));
  expect([...(await writesDuring(fault, index))]).toEqual(["busy"]);
  expect(await fault).toMatch(/; [1-9]\d* requests refused$/);
});

test("the fault of a full disk blocks writes, and lets go", async () => {
  const index = `${elasticsearch.prefix}-full`;
  await client.indices.create({ index });
  expect([...(await writesDuring(searchReadOnly(contextFor(300)), index))]).toEqual(["busy"]);
});

test("the fault of an emptied server deletes our indices and no others", async () => {
  const index = `${elasticsearch.prefix}-emptied`;
  const other = `other-${elasticsearch.prefix}`;
  await client.indices.create({ index });
  await client.indices.create({ index: other });
  try {
    await searchEmptied(contextFor(0));
    expect([await client.indices.exists({ index }), await client.indices.exists({ index: other })]).toEqual([
      ...[false, true],
    ]);
  } finally {
    await client.indices.delete({ index: other });
  }
});
