import { afterEach, expect, test } from "vitest";
import { healthEndpoints } from "../../src/http/health/endpoints.ts";
import { createReadiness } from "../../src/http/health/readiness.ts";
import { startApi } from "./startApi.ts";

let close = async () => {};
afterEach(() => close());

const up = async () => "PONG";
const readModels = { shelf: { stopped: [] } };
const wellFed = async () => ({ ready: true, readModels });

async function health(...readiness: Parameters<typeof createReadiness>) {
  const api = await startApi(healthEndpoints(createReadiness(...readiness)));
  close = api.close;
  const response = await fetch(`${api.url}/health/ready`);
  const live = await fetch(`${api.url}/health/live`);
  return { live: live.status, ready: response.status, body: await response.json() };
}

test("ready is 200 when every dependency answers and the read models are fed", async () => {
  expect(await health({ postgres: up, redis: up }, wellFed)).toEqual({
    live: 200,
    ready: 200,
    body: { ready: true, dependencies: { postgres: "up", redis: "up" }, readModels },
  });
});

test("ready is 503 and names the dependencies that are away or silent; live stays 200", async () => {
  const refused = async () => {
    throw new Error("ECONNREFUSED");
  };
  const silent = () => new Promise<never>(() => {});
  expect(await health({ postgres: up, redis: refused, eventStore: silent }, wellFed)).toEqual({
    live: 200,
    ready: 503,
    body: { ready: false, dependencies: { postgres: "up", redis: "down", eventStore: "down" }, readModels },
  });
});

test("ready is 503 with the read models' state when a partition has stopped", async () => {
  const stopped = { shelf: { stopped: [{ partition: 2, reason: "unknown event type" }] } };
  const result = await health({ postgres: up }, async () => ({ ready: false, readModels: stopped }));
  expect(result).toMatchObject({ ready: 503, body: { ready: false, readModels: stopped } });
});

test("ready is 503 when the state of the read models cannot be had", async () => {
  const result = await health({ postgres: up }, async () => {
    throw new Error("no database");
  });
  expect(result).toMatchObject({ ready: 503, body: { ready: false, readModels: {} } });
});
