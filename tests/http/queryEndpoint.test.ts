import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type ConsistencyToken, encodeConsistencyToken } from "../../src/domain/consistencyToken.ts";
import { queryEndpoint } from "../../src/http/queryEndpoint.ts";
import { startApi } from "./startApi.ts";

const token: ConsistencyToken = { position: 2n ** 60n, category: "shelf", reader: "r", books: ["abcdefghij01"] };
const other: ConsistencyToken = { position: 7n, category: "book", books: ["abcdefghij02"] };
let calls: unknown[] = [];
let verdict: "current" | "stale" = "current";
let live: readonly string[] = [];

let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  const declared = { access: "open", summary: "For a test", response: z.unknown(), problems: [] } as const;
  const handle = async () => {
    calls.push("handle");
    return {};
  };
  api = await startApi(
    [
      queryEndpoint({ ...declared, path: "/both", reads: ["shelf", "library"], query: z.strictObject({}), handle }),
      queryEndpoint({ ...declared, path: "/none", reads: [], handle }),
    ],
    {
      async waitFor(readModels, tokens) {
        calls.push({ readModels, tokens });
        return verdict;
      },
      areLive: async (readModels) => readModels.every((name) => live.includes(name)),
    },
  );
});
afterAll(() => api.close());
beforeEach(() => {
  calls = [];
  live = ["shelf", "library"];
});

const ask = async (path: string, ...tokens: ConsistencyToken[]) => {
  const headers = tokens.length > 0 ? { "consistency-token": tokens.map(encodeConsistencyToken).join(", ") } : {};
  const response = await api.fetch(path, { headers });
  return { status: response.status, consistency: response.headers.get("consistency") };
};

test.each(["current", "stale"] as const)("a query with tokens waits, then reads, and says %s", async (state) => {
  verdict = state;
  expect(await ask("/both", token, other)).toEqual({ status: 200, consistency: state });
  expect(calls).toEqual([
    {
      readModels: ["shelf", "library"],
      tokens: [token, { ...other, reader: undefined }],
    },
    "handle",
  ]);
});

test("a query without a token does not wait and says nothing", async () => {
  expect(await ask("/both")).toEqual({ status: 200, consistency: null });
  expect(calls).toEqual(["handle"]);
});

test("a query that reads no read model has nothing to wait for", async () => {
  expect(await ask("/none", token)).toEqual({ status: 200, consistency: null });
  expect(calls).toEqual(["handle"]);
});

test("a query with a bad field is refused before it waits", async () => {
  expect(await ask("/both?x=1", token)).toEqual({ status: 400, consistency: null });
  expect(calls).toEqual([]);
});

test("a query of a read model that is not live yet is refused before it waits; it is answered once all are live", async () => {
  live = ["shelf"];
  const headers = { "consistency-token": encodeConsistencyToken(token) };
  const response = await api.fetch("/both", { headers });
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("5");
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toMatchObject({ code: "read_model_not_live", status: 503 });
  expect(calls).toEqual([]);
  expect(await ask("/none")).toEqual({ status: 200, consistency: null });
  live = ["shelf", "library"];
  expect(await ask("/both")).toEqual({ status: 200, consistency: null });
});
