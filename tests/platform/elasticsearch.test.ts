import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createElasticsearch,
  type Elasticsearch,
  errorTypeOf,
  failureOf,
  failureOfStatus,
} from "../../src/platform/elasticsearch.ts";
import { freshElasticsearch } from "../support/elasticsearch.ts";

const opened: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(opened.map((close) => close())));

function connect(url: string, apiKey = "", requestTimeoutMs = 30_000): Elasticsearch {
  const config = { ELASTICSEARCH_URL: url, ELASTICSEARCH_API_KEY: apiKey };
  const client = createElasticsearch(config, { requestTimeoutMs, service: "test" });
  opened.push(() => client.close());
  return client;
}

async function rejection(request: Promise<unknown>): Promise<unknown> {
  const answer = await request.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (answer === undefined) throw new Error("the request was answered");
  return answer;
}

/** A server with given answers that records its requests. */
async function serverThat(answers: (count: number) => { status: number; body?: object } | "hangs" | "cuts") {
  const seen: { authorization: string | undefined; opaqueId: string | undefined }[] = [];
  const server: Server = createServer((request, response) => {
    const { authorization, "x-opaque-id": opaqueId } = request.headers;
    seen.push({ authorization, opaqueId: opaqueId as string | undefined });
    const answer = answers(seen.length);
    if (answer === "hangs") return;
    if (answer === "cuts") return void request.socket.destroy();
    response.writeHead(answer.status, { "content-type": "application/json", "x-elastic-product": "Elasticsearch" });
    response.end(JSON.stringify(answer.body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

describe("what a server says", () => {
  let elasticsearch: Awaited<ReturnType<typeof freshElasticsearch>>;
  let client: Elasticsearch;
  beforeAll(async () => {
    elasticsearch = await freshElasticsearch();
    opened.push(elasticsearch.stop);
    client = connect(elasticsearch.url);
  });
  const name = () => `${elasticsearch.prefix}-platform`;

  test("an index that is not there is missing", async () => {
    const error = await rejection(client.search({ index: name() }));
    expect([failureOf(error), errorTypeOf(error)]).toEqual(["missing", "index_not_found_exception"]);
  });

  test("a request that is wrong is refused, and so is an older version", async () => {
    await client.indices.create({ index: name(), mappings: { dynamic: "strict" } });
    const wrong = await rejection(client.search({ index: name(), query: { nonsense: {} } as never }));
    expect([failureOf(wrong), errorTypeOf(wrong)]).toEqual(["refused", "parsing_exception"]);
    const write = (version: number) =>
      client.index({ index: name(), id: "1", document: {}, version, version_type: "external" });
    await write(5);
    const older = await rejection(write(4));
    expect([failureOf(older), errorTypeOf(older)]).toEqual(["refused", "version_conflict_engine_exception"]);
  });

  test.each(["write", "read_only_allow_delete"])(
    "an index with the block %s is busy, for an item of a bulk too",
    async (block) => {
      const index = `${name()}-${block}`;
      await client.indices.create({ index });
      await client.indices.putSettings({ index, settings: { [`index.blocks.${block}`]: true } });
      const error = await rejection(client.index({ index, id: "1", document: {} }));
      expect([failureOf(error), errorTypeOf(error)]).toEqual(["busy", "cluster_block_exception"]);
      const { items } = await client.bulk({ operations: [{ index: { _index: index, _id: "1" } }, {}] });
      const { status = 0, error: refusal } = items[0]?.index ?? {};
      expect(failureOfStatus(status, refusal?.type)).toBe("busy");
    },
  );
});

test.each([
  [429, "es_rejected_execution_exception", "busy"],
  [429, "cluster_block_exception", "busy"],
  [400, "index_closed_exception", "busy"],
  [503, "unavailable_shards_exception", "away"],
  [504, undefined, "away"],
  [408, undefined, "away"],
  [401, "security_exception", "refused"],
  [400, "mapper_parsing_exception", "refused"],
] as const)("an item of status %i and type %s: %s", (status, type, failure) => {
  expect(failureOfStatus(status, type)).toBe(failure);
});

describe("who does not answer is away", () => {
  test("nobody listens", async () => {
    const elasticsearch = await freshElasticsearch("this test ends its server");
    await elasticsearch.kill();
    const client = connect(elasticsearch.url);
    expect(failureOf(await rejection(client.cluster.health()))).toBe("away");
    await elasticsearch.restart();
    opened.push(elasticsearch.stop);
    expect((await client.cluster.health()).status).toBe("green");
  });

  test("a server that hangs, for no longer than the time-out", async () => {
    const { host, seen } = await serverThat(() => "hangs");
    const error = await rejection(connect(`http://${host}`, "", 100).cluster.health());
    expect([failureOf(error), seen.length]).toEqual(["away", 1]);
  });

  test("a node that is not ready, after two retries", async () => {
    const { host, seen } = await serverThat(() => ({ status: 503 }));
    const error = await rejection(connect(`http://${host}`).cluster.health());
    expect([failureOf(error), seen.length]).toEqual(["away", 3]);
  });

  test("a connection that is cut is made anew", async () => {
    const { host, seen } = await serverThat((count) =>
      count < 3 ? "cuts" : { status: 200, body: { status: "green" } },
    );
    expect((await connect(`http://${host}`).cluster.health()).status).toBe("green");
    expect(seen).toHaveLength(3);
  });
});

test("any other error is none of the search engine's", () => {
  expect(failureOf(new Error("x"))).toBeUndefined();
  expect(errorTypeOf(new Error("x"))).toBeUndefined();
});

describe("credentials", () => {
  const basic = `Basic ${Buffer.from("heima:p@ss/word").toString("base64")}`;

  test("user and password of the URL, decoded; the API key goes first", async () => {
    const { host, seen } = await serverThat(() => ({ status: 200 }));
    await connect(`http://heima:p%40ss%2Fword@${host}`).cluster.health();
    await connect(`http://heima:p%40ss%2Fword@${host}`, "a-key").cluster.health();
    await connect(`http://${host}`).cluster.health();
    expect(seen.map(({ authorization }) => authorization)).toEqual([basic, "ApiKey a-key", undefined]);
    expect(seen[0]?.opaqueId).toBe("heima-test");
  });

  test("are in no error", async () => {
    const { host } = await serverThat(() => "cuts");
    const error = (await rejection(connect(`http://heima:secret-word@${host}`).cluster.health())) as Error;
    expect(`${error.message} ${error.stack} ${error.cause}`).not.toContain("secret-word");
    const { host: refusing } = await serverThat(() => ({
      status: 401,
      body: { error: { type: "security_exception" } },
    }));
    const refused = await rejection(connect(`http://heima:secret-word@${refusing}`).cluster.health());
    expect(failureOf(refused)).toBe("refused");
    expect(JSON.stringify(refused)).not.toContain("secret-word");
  });
});
