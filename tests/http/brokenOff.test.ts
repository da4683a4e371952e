import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { type Answer, endpoint } from "../../src/http/endpoint.ts";
import { maxPending } from "../../src/http/server/connections.ts";
import { logToMemory, startApi } from "./startApi.ts";

// Requests that wait for earlier ones of their connection when it is lost, and too many requests.

const held: (() => void)[] = [];
let carriedOut = 0;
let streams: AbortSignal[] = [];

const route = (method: "get" | "put", path: `/${string}`, handle: () => Promise<Answer>) =>
  endpoint({ method, path, access: "open", summary: "For a test", response: z.unknown(), problems: [], handle });
const hold = async () => {
  await new Promise<void>((resolve) => held.push(resolve));
  return { body: {} };
};
const stream = async () => ({
  body: undefined,
  stream: async function* (gone: AbortSignal) {
    streams.push(gone);
    yield "begun";
    await once(gone, "abort");
  },
});
const count = async () => {
  carriedOut++;
  return { body: {} };
};

const log = logToMemory();
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  const routes = [route("get", "/held", hold), route("get", "/stream", stream), route("put", "/count", count)];
  api = await startApi([...routes, route("put", "/put", hold)], { logger: log.logger });
});
afterAll(() => api.close());
beforeEach(() => {
  for (const letGo of held.splice(0)) letGo();
  carriedOut = 0;
  streams = [];
});

const request = (method: string, path: string, id = "any") =>
  `${method} ${path} HTTP/1.1\r\nHost: a\r\nX-Request-Id: ${id}\r\nContent-Length: 0\r\n\r\n`;

async function send(text: string) {
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  let got = "";
  socket.on("data", (chunk) => {
    got += String(chunk);
  });
  socket.write(text);
  return { socket, answers: () => got.match(/HTTP\/1\.1 200/g)?.length ?? 0 };
}
const linesOf = (requestId: string) =>
  log
    .lines()
    .filter((line) => line.requestId === requestId)
    .map(({ msg, path }) => ({ msg, path }));

test("the stream of a request behind another ends with its connection, and is logged", async () => {
  const { socket } = await send(request("GET", "/held") + request("GET", "/stream", "behind"));
  await expect.poll(() => streams.length).toBe(1);
  socket.resetAndDestroy();
  await expect.poll(() => streams[0]?.aborted).toBe(true);
  await expect.poll(() => linesOf("behind")).toEqual([{ msg: "request broken off", path: "/stream" }]);
});

test("a response that fails after it has begun is cut off, and its error is one line of JSON in the log", async () => {
  // Express prints the stack of an unhandled error, except in tests.
  vi.stubEnv("NODE_ENV", "production");
  const printed = vi.spyOn(console, "error").mockImplementation(() => {});
  const failing = route("get", "/failing", async () => ({
    body: undefined,
    stream: (async function* () {
      yield "begun";
      throw new Error("what Postgres says");
    })(),
  }));
  const broken = await startApi([failing], { logger: log.logger });
  vi.unstubAllEnvs();
  const headers = { "x-request-id": "failing" };
  await expect(fetch(`${broken.url}/failing`, { headers }).then((response) => response.text())).rejects.toThrow();
  const lines = () => log.lines().filter(({ requestId }) => requestId === "failing");
  const err = { message: "what Postgres says" };
  await expect
    .poll(lines)
    .toMatchObject([{ level: "error", msg: "request broken off", problem: "internal_error", err }]);
  expect(printed).not.toHaveBeenCalled();
  printed.mockRestore();
  await broken.close();
});

test("commands that wait for another one when their connection is reset are not carried out, and are logged", async () => {
  const { socket } = await send(request("PUT", "/put") + request("PUT", "/count", "waits").repeat(3));
  await expect.poll(() => held.length).toBe(1);
  socket.resetAndDestroy();
  await expect.poll(() => linesOf("waits")).toEqual(Array(3).fill({ msg: "request broken off", path: "/count" }));
  held[0]?.();
  await (await api.fetch("/count", { method: "PUT" })).text();
  expect(carriedOut).toBe(1);
});

test(`${maxPending} requests of a connection may wait`, async () => {
  const { socket, answers } = await send(request("PUT", "/put") + request("PUT", "/count").repeat(maxPending - 1));
  await expect.poll(() => held.length).toBe(1);
  held[0]?.();
  await expect.poll(answers).toBe(maxPending);
  socket.destroy();
});

test.each(["GET", "PUT"])("a connection on which more requests wait is closed: %s", async (method) => {
  const { socket } = await send(
    request(method, method === "PUT" ? "/put" : "/held") + request("PUT", "/count").repeat(maxPending),
  );
  await once(socket, "close");
  expect((await api.fetch("/count", { method: "PUT" })).status).toBe(200);
  for (const letGo of held) letGo();
  await (await api.fetch("/count", { method: "PUT" })).text();
  expect(carriedOut).toBe(2);
});
