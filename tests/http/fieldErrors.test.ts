import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type Access, endpoint } from "../../src/http/endpoint.ts";
import { json, startApi } from "./startApi.ts";

const declare = (path: `/${string}`, access: Access, body: z.ZodType) =>
  endpoint({
    method: "post",
    path,
    access,
    summary: "For a test",
    body,
    response: z.unknown(),
    problems: [],
    handle: async () => ({ body: {} }),
  });

let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  api = await startApi([
    declare("/open", "open", z.strictObject({})),
    declare("/v1/fields", "reader", z.strictObject({})),
    declare("/v1/list", "reader", z.array(z.string().regex(/^a$/, "must be a"))),
  ]);
});
afterAll(() => api.close());

type Problem = { code: string; detail: string; errors: { path: string; message: string }[] };
const post = async (path: string, body: unknown) => {
  const response = await api.fetch(path, { method: "POST", ...json(body) });
  const text = await response.text();
  return { status: response.status, length: text.length, problem: JSON.parse(text) as Problem };
};
const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, nth) => [`k${nth}`, 1]));

test.each([
  ["unknown fields", "/v1/fields", fields(20_000), 20_000],
  ["wrong items", "/v1/list", Array(40_000).fill("b"), 40_000],
])("of 20,000 %s and more ten are named, and the others counted", async (_what, path, body, count) => {
  const { status, length, problem } = await post(path, body);
  expect({ status, code: problem.code }).toEqual({ status: 400, code: "invalid_request" });
  expect(problem.errors).toHaveLength(10);
  expect(problem.detail).toContain(`; and ${count - 10} more`);
  expect(length).toBeLessThan(3_000);
});

test("a field's name of 200,000 characters is cut, between characters", async () => {
  const { length, problem } = await post("/v1/fields", { [`${"a".repeat(98)}${"📚".repeat(50_000)}`]: 1 });
  expect(length).toBeLessThan(1_000);
  expect(problem.errors[0]!.path).toHaveLength(100);
  expect(problem.errors[0]!.path).toMatch(/^a+\ufffd…$/);
});

test("who sends no token may send 8 KiB", async () => {
  expect((await post("/open", {})).status).toBe(200);
  expect(await post("/open", fields(30_000))).toMatchObject({ status: 413, problem: { code: "body_too_large" } });
});
