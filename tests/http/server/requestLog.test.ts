import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { endpoint } from "../../../src/http/endpoint.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import { startApi } from "../startApi.ts";

// The lines of the production logger, as in an operator's file.

const folder = mkdtempSync(join(tmpdir(), "heima-request-log-"));
const file = join(folder, "api.log");
const fd = openSync(file, "a");
const detail = "Key (openid)=(o-1) already exists.";
let thrown: unknown;
let api: Awaited<ReturnType<typeof startApi>>;

beforeAll(async () => {
  // Express prints nothing in tests.
  vi.stubEnv("NODE_ENV", "production");
  const fails = { method: "get", access: "open", summary: "For a test", response: z.unknown() } as const;
  const routes = [
    endpoint({
      ...fails,
      path: "/fails",
      problems: ["dependency_unavailable"],
      handle: async () => {
        throw thrown;
      },
    }),
    endpoint({
      ...fails,
      path: "/begins",
      problems: [],
      handle: async () => ({
        body: undefined,
        stream: (async function* () {
          yield "begun";
          throw thrown;
        })(),
      }),
    }),
  ];
  api = await startApi(routes, { logger: createLogger("api", "info", fd) });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await api.close();
  closeSync(fd);
  rmSync(folder, { recursive: true });
});
afterEach(() => vi.restoreAllMocks());

/** The only line of a request. Every line of the file is one of JSON. */
async function lineOf(requestId: string) {
  const lines = () =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((text) => text !== "")
      .map((text) => JSON.parse(text))
      .filter((line) => line.requestId === requestId);
  await expect.poll(lines).toHaveLength(1);
  expect(readFileSync(file, "utf8")).not.toMatch(/o-1|openid/);
  return lines()[0];
}

test.each([
  [500, "error", new TypeError("x is no function")],
  [500, "error", Object.assign(new Error("duplicate key"), { code: "23505", detail, where: detail })],
  [503, "warn", Object.assign(new Error("too many clients"), { code: "53300", detail })],
  [503, "warn", Object.assign(new Error("", { cause: new Error("the cause") }), { code: "ECONNREFUSED" })],
])("of a %i, at level %s, has its error: %s", async (status, level, error) => {
  thrown = error;
  const requestId = `asked-${Math.random()}`;
  const response = await api.fetch("/fails", { headers: { "x-request-id": requestId } });
  expect(response.status).toBe(status);
  const { err, ...line } = await lineOf(requestId);
  expect(line).toMatchObject({ level, service: "api", status, path: "/fails" });
  expect(err).toEqual({
    type: error.name,
    message: expect.stringContaining(error.message || "the cause"),
    stack: expect.stringContaining("\n    at "),
    ...("code" in error && { errorCode: error.code }),
  });
});

test.each([
  ["a text", { type: "string", message: "a text" }],
  [
    { name: "Like", message: "an error", stack: "like it", code: 7, detail },
    { type: "Like", message: "an error", stack: "like it", errorCode: 7 },
  ],
  [{ detail }, { type: "Object" }],
])("of a 500 has what was thrown, if it is no error: %o", async (value, err) => {
  thrown = value;
  const requestId = `asked-${Math.random()}`;
  expect((await api.fetch("/fails", { headers: { "x-request-id": requestId } })).status).toBe(500);
  expect((await lineOf(requestId)).err).toEqual(err);
});

test("of a response that fails after it has begun has its error, which is printed nowhere else", async () => {
  const printed = vi.spyOn(console, "error").mockImplementation(() => {});
  thrown = Object.assign(new Error("lost"), { detail });
  const headers = { "x-request-id": "begun" };
  await expect(fetch(`${api.url}/begins`, { headers }).then((response) => response.text())).rejects.toThrow();
  expect(await lineOf("begun")).toMatchObject({ level: "error", msg: "request broken off", err: { message: "lost" } });
  expect(printed).not.toHaveBeenCalled();
});
