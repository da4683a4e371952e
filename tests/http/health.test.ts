import { afterEach, expect, test, vi } from "vitest";
import { healthEndpoints } from "../../src/http/health/endpoints.ts";
import { createReadiness } from "../../src/http/health/readiness.ts";
import { startApi } from "./startApi.ts";

let close = async () => {};
afterEach(() => {
  vi.useRealTimers();
  const closing = close;
  close = async () => {};
  return closing();
});

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

test("ready stays 200 without what only a part of the API needs, and shows that it is away", async () => {
  const refused = async () => {
    throw new Error("ECONNREFUSED");
  };
  expect(await health({ postgres: up }, wellFed, { elasticsearch: refused })).toEqual({
    live: 200,
    ready: 200,
    body: { ready: true, dependencies: { postgres: "up", elasticsearch: "down" }, readModels },
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

/** Readiness with its own clock, and the number of requests to each dependency. */
function counted(ping: () => Promise<unknown>) {
  const asked = { postgres: 0, readModels: 0 };
  let now = 0;
  const readiness = createReadiness(
    {
      postgres: () => {
        asked.postgres += 1;
        return ping();
      },
    },
    async () => {
      asked.readModels += 1;
      return wellFed();
    },
    {},
    () => now,
  );
  return {
    asked,
    readiness,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test("three hundred connections at once cost one question, and so do all that come within the second", async () => {
  const { asked, readiness, pass } = counted(up);
  const api = await startApi(healthEndpoints(readiness));
  close = api.close;
  const ask = () => fetch(`${api.url}/health/ready`).then(({ status }) => status);
  expect(new Set(await Promise.all(Array.from({ length: 300 }, ask)))).toEqual(new Set([200]));
  pass(999);
  expect(await ask()).toBe(200);
  expect(asked).toEqual({ postgres: 1, readModels: 1 });
  pass(1);
  await Promise.all([ask(), ask()]);
  expect(asked).toEqual({ postgres: 2, readModels: 2 });
});

test("a question that hangs is not asked again before it ends", async () => {
  vi.useFakeTimers();
  let end = (_: unknown) => {};
  const { asked, readiness, pass } = counted(() => new Promise((resolve) => (end = resolve)));
  for (let time = 0; time < 5; time += 1) {
    const answer = readiness();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await answer).toMatchObject({ ready: false, dependencies: { postgres: "down" } });
    pass(3_000);
  }
  expect(asked).toEqual({ postgres: 1, readModels: 5 });
  const answer = readiness();
  end("late");
  expect(await answer).toMatchObject({ ready: true, dependencies: { postgres: "up" } });
});
