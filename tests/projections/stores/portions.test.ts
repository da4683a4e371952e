import { errors } from "@elastic/elasticsearch";
import { expect, test } from "vitest";
import type { Elasticsearch } from "../../../src/platform/elasticsearch.ts";
import { askPortion } from "../../../src/projections/stores/elasticsearch/portions.ts";

const tooLate = () => new errors.TimeoutError("Request timed out");
const tooLarge = () =>
  new errors.ResponseError({
    statusCode: 429,
    body: { error: { type: "circuit_breaking_exception" }, status: 429 },
  } as never);

/** A server that answers with at most `state.most` documents at once, and the sizes that one call requested. */
function serverUpTo(most: number, tooMuch: () => Error) {
  const client = {} as Elasticsearch;
  const state = { most };
  return {
    state,
    call: async (left = Number.POSITIVE_INFINITY) => {
      const asked: number[] = [];
      const answer = await askPortion(client, left, async (size) => {
        asked.push(size);
        if (size > state.most) throw tooMuch();
        return "answered";
      }).catch((error: Error) => error.name);
      return { asked, answer };
    },
  };
}

test("a server that hangs gets at most two requests per call, fewer documents each time", async () => {
  const { call } = serverUpTo(0, tooLate);
  const calls = [await call(), await call(), await call(), await call(), await call()];
  expect(calls.map(({ asked }) => asked)).toEqual([[500, 250], [125, 63], [32, 30], [30], [30]]);
  expect(new Set(calls.map(({ answer }) => answer))).toEqual(new Set(["TimeoutError"]));
});

test("a server without the memory for a portion is asked for smaller ones until it answers", async () => {
  const { call } = serverUpTo(40, tooLarge);
  expect(await call()).toEqual({ asked: [500, 250, 125, 63, 32], answer: "answered" });
});

test("after a server has hung its portions are as large as before within 30 answers", async () => {
  const { call, state } = serverUpTo(0, tooLate);
  for (let calls = 0; calls < 4; calls++) await call();
  state.most = 500;
  const asked: number[] = [];
  for (let calls = 0; calls < 30; calls++) asked.push(...(await call()).asked);
  expect(asked).toHaveLength(30);
  expect(asked.at(0)).toBe(30);
  expect(asked.at(-1)).toBe(500);
});

test("answers with fewer documents than a portion say nothing about its size", async () => {
  const { call } = serverUpTo(250, tooLate);
  await call();
  for (let calls = 0; calls < 30; calls++) await call(10);
  expect((await call(1_000)).asked[0]).toBe(275);
});
