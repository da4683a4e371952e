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

function contextFor(until?: Promise<void>): FaultContext {
  const environment = { ELASTICSEARCH_URL: elasticsearch.url, ELASTICSEARCH_PREFIX: elasticsearch.prefix };
  return { world: { environment, links: [link] }, forMs: 0, until } as unknown as FaultContext;
}

/** Writes during a fault, which ends when a write has failed. Returns how writes failed; one must succeed afterwards. */
async function writesDuring(
  fault: (until: Promise<void>) => Promise<string>,
  index: string,
): Promise<{ readonly failures: ReadonlySet<string | undefined>; readonly said: string }> {
  const failures = new Set<string | undefined>();
  let seen = () => {};
  const until = new Promise<void>((resolve) => {
    seen = resolve;
  });
  const write = () => client.index({ index, id: "1", document: {} });
  const running = { is: true };
  const said = fault(until).finally(() => {
    running.is = false;
  });
  while (running.is) {
    await write().catch((error) => {
      failures.add(failureOf(error));
      seen();
    });
  }
  await write();
  return { failures, said: await said };
}

test("the fault of 429s refuses what comes over the links, also over connections that were open, and lets go", async () => {
  const index = `${elasticsearch.prefix}-busy`;
  await client.indices.create({ index });
  const { failures, said } = await writesDuring((until) => searchBusy(contextFor(until)), index);
  expect([...failures]).toEqual(["busy"]);
  expect(said).toMatch(/; [1-9]\d* requests refused$/);
});

test("the fault of a full disk blocks writes, and lets go", async () => {
  const index = `${elasticsearch.prefix}-full`;
  await client.indices.create({ index });
  const { failures } = await writesDuring((until) => searchReadOnly(contextFor(until)), index);
  expect([...failures]).toEqual(["busy"]);
});

test("the fault of an emptied server deletes our indices and no others", async () => {
  const index = `${elasticsearch.prefix}-emptied`;
  const other = `other-${elasticsearch.prefix}`;
  await client.indices.create({ index });
  await client.indices.create({ index: other });
  try {
    await searchEmptied(contextFor());
    expect([await client.indices.exists({ index }), await client.indices.exists({ index: other })]).toEqual([
      false,
      true,
    ]);
  } finally {
    await client.indices.delete({ index: other });
  }
});
