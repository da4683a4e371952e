import { Queue } from "bullmq";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { queuesBoard, queuesPath } from "../../src/http/queues/board.ts";
import { connectRedis, type Redis } from "../../src/platform/redis.ts";
import { redisUrl } from "../support/redis.ts";
import { bearer, logToMemory, startApi, tokens } from "./startApi.ts";

const log = logToMemory();
let redis: Redis;
let queues: Queue[] = [];
let listed = 0;
let api: Awaited<ReturnType<typeof startApi>>;

beforeAll(async () => {
  redis = connectRedis({ url: await redisUrl(), blocking: false, logger: log.logger });
});
afterAll(() => redis.disconnect());

beforeEach(async () => {
  queues = [0, 1].map((partition) => queueOf(`shelf_v4_b1_${partition}`));
  listed = 0;
  const listQueues = async () => {
    listed += 1;
    return queues;
  };
  api = await startApi([], { areas: { [queuesPath]: queuesBoard(tokens, listQueues) }, logger: log.logger });
});
afterEach(async () => {
  await api.close();
  await Promise.all(queues.map((queue) => queue.close()));
});

const queueOf = (name: string) => new Queue(name, { connection: redis, prefix: "heima" });
const operator = () => ({ authorization: bearer("reader", "operator") });
const get = (path: string, headers: Record<string, string> = {}) => fetch(`${api.url}${path}`, { headers });
const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code];
const pages = ["/queues", "/queues/", "/queues/api/queues", "/queues/static/favicon-32x32.png", "/queues/queue/any"];

test.each(pages)("%s is for operators only", async (path) => {
  expect(await codeOf(await get(path))).toEqual([401, "token_missing"]);
  expect(await codeOf(await get(path, { authorization: "Bearer made-up" }))).toEqual([401, "token_invalid"]);
  expect(await codeOf(await get(path, { cookie: "heima-queues=made-up" }))).toEqual([401, "token_invalid"]);
  expect(await codeOf(await get(path, { authorization: bearer("reader") }))).toEqual([403, "forbidden"]);
  expect(await codeOf(await get(`${path}?token=${bearer("analyst").slice(7)}`))).toEqual([403, "forbidden"]);
  expect((await get(path, operator())).status).toBe(200);
  expect(listed).toBeLessThanOrEqual(1);
});

test("the queues are listed with what waits in them, and as they come and go", async () => {
  await queues[0]!.add("batch", { events: 3 });
  const list = async () => {
    const answer = (await (await get("/queues/api/queues?activeQueue=shelf_v4_b1_0", operator())).json()) as {
      queues: { name: string; counts: { waiting: number }; readOnlyMode: boolean; jobs: { data: unknown }[] }[];
    };
    return answer.queues;
  };
  const [first, second] = await list();
  expect(first).toMatchObject({ name: "shelf_v4_b1_0", counts: { waiting: 1 }, readOnlyMode: true });
  expect(first!.jobs).toMatchObject([{ data: { events: 3 } }]);
  expect(second).toMatchObject({ name: "shelf_v4_b1_1", counts: { waiting: 0 }, readOnlyMode: true });

  const gone = queues;
  queues = [queueOf("shelf_v4_b2_0")];
  await expect.poll(async () => (await list()).map(({ name }) => name)).toEqual(["shelf_v4_b2_0"]);
  await Promise.all(gone.map((queue) => queue.obliterate({ force: true }).then(() => queue.close())));
});

test("many who ask at once share a listing", async () => {
  await Promise.all(Array.from({ length: 20 }, () => get("/queues/api/queues", operator())));
  // One for each second: on a busy machine they do not all arrive in the same one.
  expect(listed).toBeLessThan(5);
});

test.each(["POST", "PUT", "PATCH", "DELETE"])("%s is refused, so nothing can be changed", async (method) => {
  await get("/queues/api/queues", operator());
  for (const path of ["pause", "shelf_v4_b1_0/pause", "shelf_v4_b1_0/add", "shelf_v4_b1_0/obliterate"]) {
    const response = await fetch(`${api.url}/queues/api/queues/${path}`, { method, headers: operator() });
    expect(response.headers.get("allow")).toBe("GET, HEAD");
    expect(await codeOf(response)).toEqual([405, "method_not_allowed"]);
  }
  expect(await queues[0]!.isPaused()).toBe(false);
});

test("a browser exchanges a token once for a cookie, and the token comes into no log", async () => {
  const token = operator().authorization.slice(7);
  const exchanged = await get(`/queues?token=${token}`);
  expect(exchanged.status).toBe(200);
  expect(exchanged.headers.get("referrer-policy")).toBe("no-referrer");
  expect(exchanged.headers.get("cache-control")).toBe("no-store");
  expect(await exchanged.text()).toContain('content="0;url=/queues/"');
  const cookie = exchanged.headers.get("set-cookie")!;
  expect(cookie).toMatch(/^heima-queues=\S+; Path=\/queues; Max-Age=900; HttpOnly; SameSite=Strict$/);
  const sent = { cookie: `other=1; ${cookie.split(";")[0]}` };
  expect((await get("/queues/", sent)).status).toBe(200);
  expect((await get("/queues/api/queues", sent)).status).toBe(200);

  const again = await get(`/queues?token=${token}`);
  expect(again.headers.get("set-cookie")).toBeNull();
  expect(await codeOf(again)).toEqual([401, "token_invalid"]);
  await expect.poll(log.text).toContain('"path":"/queues"');
  expect(log.text()).not.toContain(token);
});

test("behind TLS the cookie is sent by TLS only", async () => {
  const board = queuesBoard(tokens, async () => []);
  const proxied = await startApi([], { areas: { [queuesPath]: board }, trustProxy: 1 });
  try {
    const url = `${proxied.url}/queues?token=${operator().authorization.slice(7)}`;
    const response = await fetch(url, { headers: { "x-forwarded-proto": "https" } });
    expect(response.headers.get("set-cookie")).toMatch(/; Secure$/);
  } finally {
    await proxied.close();
  }
});

test("the page loads nothing but its own files, and they are there", async () => {
  const page = await get("/queues/", operator());
  const policy = page.headers.get("content-security-policy")!;
  expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(page.headers.get("x-powered-by")).toBeNull();
  const html = await page.text();
  expect(html).toContain('<base href="/queues/" />');
  expect(html).not.toMatch(/<script(?![^>]*(src=|type="application\/json"))/);
  const files = [...html.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, file]) => file);
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) expect((await get(`/queues/${file}`, operator())).status, file).toBe(200);
});

const failing = async () => {
  throw new Error("secret of the database");
};

test.each([
  ["listed", failing],
  ["asked", async () => [Object.assign(queueOf("shelf_v4_b3_0"), { getJobCounts: failing })]],
])("queues that cannot be %s are a problem that the log explains and the answer does not", async (_, listQueues) => {
  const memory = logToMemory();
  const board = queuesBoard(tokens, listQueues);
  const broken = await startApi([], { areas: { [queuesPath]: board }, logger: memory.logger });
  try {
    const response = await fetch(`${broken.url}/queues/api/queues`, { headers: operator() });
    const body = await response.text();
    expect(response.status).toBe(500);
    expect(body).toContain('"code":"internal_error"');
    expect(body).not.toContain("secret");
    await expect.poll(memory.text).toContain("secret of the database");
  } finally {
    await broken.close();
  }
});
