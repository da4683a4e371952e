import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { endpoint } from "../../../src/http/endpoint.ts";
import { createRateLimits, type Rates } from "../../../src/http/rateLimits/rateLimits.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import { redisUrl } from "../../support/redis.ts";
import { json, readerId, startApi, tokens } from "../startApi.ts";

const slow = (burst: number) => ({ perSecond: 0.001, burst });
const none: Rates = { address: undefined, login: undefined, reader: undefined };

const declared = { summary: "", response: z.unknown(), problems: [], handle: async () => ({ body: {} }) } as const;
const endpoints = [
  endpoint({ ...declared, method: "get", path: "/v1/open", access: "open" }),
  endpoint({ ...declared, method: "put", path: "/v1/mine", access: "reader" }),
  endpoint({ ...declared, method: "post", path: "/v1/auth/wechat", access: "open", limit: "login" }),
  endpoint({ ...declared, method: "get", path: "/health/live", access: "open" }),
  endpoint({ ...declared, method: "get", path: "/metrics", access: "open" }),
];

let redis: Redis;
beforeAll(async () => {
  redis = connectRedis({ url: await redisUrl(), blocking: false, logger: createLogger("test", "silent") });
});
afterAll(() => redis.disconnect());
beforeEach(() => redis.flushdb());

type Api = Awaited<ReturnType<typeof startApi>>;
async function limited(rates: Partial<Rates>, work: (api: Api) => Promise<void>, trustProxy?: number) {
  const limits = createRateLimits(redis, { ...none, ...rates });
  const api = await startApi(endpoints, { limits, ...(trustProxy === undefined ? {} : { trustProxy }) });
  await work(api).finally(api.close);
}

const statuses = async (times: number, ask: () => Promise<Response>) => {
  const answers = await Promise.all(Array.from({ length: times }, async () => (await ask()).status));
  return Object.fromEntries(
    [...new Set(answers)].map((status) => [status, answers.filter((s) => s === status).length]),
  );
};

test("a reader gets the burst and then 429 with Retry-After, before the body is looked at; another reader goes on", async () => {
  await limited({ reader: slow(8) }, async (api) => {
    expect(await statuses(12, () => api.fetch("/v1/mine", { method: "PUT" }))).toEqual({ 200: 8, 429: 4 });
    const refused = await api.fetch("/v1/mine", { method: "PUT", body: "not json" });
    expect(refused.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(1);
    expect(await refused.json()).toMatchObject({ status: 429, code: "too_many_requests" });

    const other = tokens.issue({ readerId: readerId.replace(/7$/, "8"), roles: ["reader"] }).accessToken;
    const headers = { authorization: `Bearer ${other}` };
    expect((await api.fetch("/v1/mine", { method: "PUT", headers })).status).toBe(200);
    expect((await api.fetch("/v1/open")).status).toBe(200);
  });
});

test("an address gets the burst over all that it asks, also what is refused or not there", async () => {
  await limited({ address: slow(8) }, async (api) => {
    expect(await statuses(2, () => api.fetch("/v1/open"))).toEqual({ 200: 2 });
    expect(await statuses(3, () => fetch(`${api.url}/v1/mine`, { method: "PUT" }))).toEqual({ 401: 3 });
    expect(await statuses(3, () => api.fetch("/nowhere"))).toEqual({ 404: 3 });
    for (const path of ["/v1/open", "/v1/mine", "/nowhere"]) expect((await api.fetch(path)).status).toBe(429);
    expect(await statuses(20, () => fetch(`${api.url}/health/live`))).toEqual({ 200: 20 });
    expect(await statuses(20, () => fetch(`${api.url}/metrics`))).toEqual({ 200: 20 });
  });
});

test("logins of an address have a limit of their own", async () => {
  await limited({ login: slow(4) }, async (api) => {
    const login = () => api.fetch("/v1/auth/wechat", { method: "POST", ...json({}) });
    expect(await statuses(6, login)).toEqual({ 200: 4, 429: 2 });
    expect((await api.fetch("/v1/open")).status).toBe(200);
  });
});

test("an address is the socket's, whatever X-Forwarded-For says, unless a proxy is trusted", async () => {
  const ask = (api: Api, client: string) => api.fetch("/v1/open", { headers: { "x-forwarded-for": client } });
  await limited({ address: slow(4) }, async (api) => {
    let client = 0;
    expect(await statuses(6, () => ask(api, `192.0.2.${client++}`))).toEqual({ 200: 4, 429: 2 });
  });
  await redis.flushdb();
  await limited(
    { address: slow(4) },
    async (api) => {
      expect(await statuses(6, () => ask(api, "192.0.2.1"))).toEqual({ 200: 4, 429: 2 });
      expect(await statuses(6, () => ask(api, "192.0.2.2"))).toEqual({ 200: 4, 429: 2 });
      // Addresses that the client itself adds before the one seen by the proxy are not trusted.
      expect((await ask(api, "198.51.100.7, 192.0.2.1")).status).toBe(429);
    },
    1,
  );
});

test("without limits nothing is counted", async () => {
  await limited({}, async (api) => {
    expect(await statuses(200, () => api.fetch("/v1/mine", { method: "PUT" }))).toEqual({ 200: 200 });
    expect(await redis.keys("rate:*")).toEqual([]);
  });
});
