import { afterAll, beforeAll, expect, test } from "vitest";
import type { HandleCommand } from "../../src/commands/types.ts";
import { encodeConsistencyToken } from "../../src/domain/consistencyToken.ts";
import { accountEndpoints } from "../../src/http/account/endpoints.ts";
import { authEndpoints } from "../../src/http/auth/endpoints.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { libraryEndpoints } from "../../src/http/library/endpoints.ts";
import { roundsEndpoints } from "../../src/http/reading/rounds.ts";
import { shelfEndpoints } from "../../src/http/shelf/endpoints.ts";
import type { Pool } from "../../src/platform/postgres.ts";
import { bearer, json, startApi, tokens } from "./startApi.ts";

/** Everything after the validation of a request: a test that reaches it fails. */
const untouched = () => {
  throw new Error("bad input went through");
};
const handleCommand: HandleCommand = untouched;
const pool = { query: untouched } as unknown as Pool;

let endpoints: readonly Endpoint[];
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  const refreshTokens = { issue: untouched, rotate: untouched, revoke: untouched };
  const sessionKeys = { save: untouched, load: untouched };
  endpoints = [
    ...shelfEndpoints({ handleCommand, bookExists: async () => true, capacity: 1 }, pool),
    ...libraryEndpoints(pool),
    ...authEndpoints({ code2Session: untouched, pool, sessionKeys, handleCommand, tokens, refreshTokens }),
    ...roundsEndpoints(pool),
    ...accountEndpoints({ pool, sessionKeys, handleCommand, appId: "wx" }),
  ];
  api = await startApi(endpoints);
});
afterAll(() => api.close());

const bookId = "abcdefghij01";
const book = `/v1/shelf/${bookId}`;
const cursor = (text: string) => Buffer.from(text).toString("base64url");
const place = (...parts: unknown[]) => cursor(JSON.stringify(parts));
const year0 = "0000-01-01T00:00:00.000Z";
const token = encodeConsistencyToken({ position: 1n, category: "shelf", books: [] });

test.each<[what: string, method: string, path: string, init: Parameters<typeof api.fetch>[1], paths: string[]]>([
  ["a book id that is too short", "PUT", "/v1/shelf/abc", {}, ["bookId"]],
  ["a book id in capitals", "DELETE", "/v1/shelf/ABCDEFGHIJ01", {}, ["bookId"]],
  ["a book id of full-width letters", "GET", `/v1/books/${encodeURIComponent("ａ".repeat(12))}`, {}, ["bookId"]],
  ["a group by its name", "PUT", book, json({ group: "夜读" }), ["group"]],
  ["a move without a group", "PUT", `${book}/group`, {}, ["group"]],
  ["a group by a reserved id", "PUT", "/v1/shelf/groups/none", json({ name: "夜读" }), ["group"]],
  ["a group without a name", "PUT", "/v1/shelf/groups/night", {}, ["name"]],
  ["a group whose name is blank", "PUT", "/v1/shelf/groups/night", json({ name: "　" }), ["name"]],
  ["a group whose name is a Hangul filler", "PUT", "/v1/shelf/groups/night", json({ name: "\u3164" }), ["name"]],
  ["a group whose name is Braille blanks", "PUT", "/v1/shelf/groups/night", json({ name: "\u2800" }), ["name"]],
  ["a group whose name is too long", "PUT", "/v1/shelf/groups/night", json({ name: "书".repeat(21) }), ["name"]],
  ["an order of names", "PUT", "/v1/shelf/groups/order", json({ groups: ["night", "夜读"] }), ["groups.1"]],
  ["an order of 2,001 books", "PUT", "/v1/shelf/order", json({ bookIds: Array(2001).fill(bookId) }), ["bookIds"]],
  ["an order without books", "PUT", "/v1/shelf/order", {}, ["bookIds"]],
  ["a removal of 101 books", "POST", "/v1/shelf/remove", json({ bookIds: Array(101).fill(bookId) }), ["bookIds"]],
  ["a removal of no id", "POST", "/v1/shelf/remove", json({ bookIds: [bookId, 7] }), ["bookIds.1"]],
  ["an unknown field in a body", "DELETE", book, json({ why: 1 }), ["why"]],
  ["an array as body", "PUT", book, json([]), ["body"]],
  ["an own __proto__", "PUT", book, { ...json({}), body: '{"__proto__":{"a":1}}' }, ["__proto__"]],
  ["an unknown query field", "PUT", `${book}?force=1`, {}, ["force"]],
  ["a key that is no UUID", "PUT", book, { headers: { "idempotency-key": "again" } }, ["Idempotency-Key"]],
  ["an empty key", "PUT", book, { headers: { "idempotency-key": "" } }, ["Idempotency-Key"]],
  ["two faults", "PUT", "/v1/shelf/abc", { ...json({ group: 1 }) }, ["bookId", "group"]],
  ["a limit of 0", "GET", "/v1/shelf?limit=0", {}, ["limit"]],
  ["a limit of 101", "GET", "/v1/shelf?limit=101", {}, ["limit"]],
  ["a limit that is no number", "GET", "/v1/books?limit=ten", {}, ["limit"]],
  ["an empty limit", "GET", "/v1/books?limit=", {}, ["limit"]],
  ["a limit in another notation", "GET", "/v1/books?limit=1e1", {}, ["limit"]],
  ["a limit given twice", "GET", "/v1/books?limit=1&limit=2", {}, ["limit"]],
  ["another sort", "GET", "/v1/shelf?sort=heat", {}, ["sort"]],
  ["a group of another alphabet", "GET", "/v1/shelf?group=Night", {}, ["group"]],
  ["65 characters to search for", "GET", `/v1/shelf?q=${encodeURIComponent("书".repeat(65))}`, {}, ["q"]],
  ["a NUL to search for", "GET", "/v1/shelf?q=%00", {}, ["q"]],
  ["a cursor that is not ours", "GET", "/v1/shelf?cursor=nonsense", {}, ["cursor"]],
  ["a cursor of another list", "GET", `/v1/shelf?cursor=${cursor("12")}`, {}, ["cursor"]],
  ["a cursor of another sort", "GET", `/v1/shelf?sort=title&cursor=${place("added", true, "12")}`, {}, ["cursor"]],
  ["a cursor without a position", "GET", `/v1/shelf?cursor=${place("added", true, "x")}`, {}, ["cursor"]],
  ["a cursor with more in it", "GET", `/v1/shelf?cursor=${place("added", true, "12", 1)}`, {}, ["cursor"]],
  ["a shelf's cursor beyond int8", "GET", `/v1/shelf?cursor=${place("added", true, `${2n ** 63n}`)}`, {}, ["cursor"]],
  [
    "a cursor of the year 0",
    "GET",
    `/v1/shelf?sort=recent&cursor=${place("recent", false, year0, "1")}`,
    {},
    ["cursor"],
  ],
  ["a cursor of the year 0", "GET", `/v1/reading/finished?cursor=${place(year0, bookId, 1)}`, {}, ["cursor"]],
  ["an empty cursor", "GET", "/v1/books?cursor=", {}, ["cursor"]],
  ["a negative cursor", "GET", `/v1/books?cursor=${cursor("-1")}`, {}, ["cursor"]],
  ["a cursor beyond int8", "GET", `/v1/books?cursor=${cursor("9223372036854775808")}`, {}, ["cursor"]],
  ["a cursor with padding", "GET", `/v1/books?cursor=${cursor("12")}%3D`, {}, ["cursor"]],
  ["an unknown query field of a list", "GET", "/v1/books?page=2", {}, ["page"]],
  ["a token that is not ours", "GET", "/v1/shelf", { headers: { "consistency-token": "x" } }, ["Consistency-Token"]],
  [
    "a token list with a hole",
    "GET",
    "/v1/books",
    { headers: { "consistency-token": `${token},,` } },
    ["Consistency-Token"],
  ],
  ["a query field of me", "GET", "/v1/me?x=1", {}, ["x"]],
  ["a login without a body", "POST", "/v1/auth/wechat", {}, ["code"]],
  ["a login with an empty code", "POST", "/v1/auth/wechat", json({ code: "" }), ["code"]],
  ["a login with a number as code", "POST", "/v1/auth/wechat", json({ code: 12 }), ["code"]],
  ["a login with an endless code", "POST", "/v1/auth/wechat", json({ code: "x".repeat(257) }), ["code"]],
  ["a login with more than a code", "POST", "/v1/auth/wechat", json({ code: "x", openid: "y" }), ["openid"]],
])("%s is refused with the path of the field", async (_what, method, path, init, paths) => {
  const response = await api.fetch(path, { ...init, method });
  const problem = (await response.json()) as { code: string; errors: { path: string; message: string }[] };
  expect({ status: response.status, code: problem.code }).toEqual({ status: 400, code: "invalid_request" });
  expect(problem.errors.map((error) => error.path)).toEqual(paths);
  expect(problem.errors.every((error) => error.message.length > 0)).toBe(true);
});

test("an id of 4,000 characters, or with a NUL, is refused in every path that takes one", async () => {
  const withIds = endpoints.filter(({ path }) => path.includes("{"));
  expect(withIds.length).toBeGreaterThan(10);
  for (const { method, path } of withIds) {
    for (const id of ["a".repeat(4_000), "a%00b"]) {
      const url = path.replace(/\{\w+\}/g, id);
      const init = {
        method: method.toUpperCase(),
        headers: { authorization: bearer("reader", "operator", "analyst") },
      };
      const response = await api.fetch(url, init);
      const problem = (await response.json()) as { code: string };
      expect({ method, path, status: response.status, code: problem.code }).toEqual({
        method,
        path,
        status: 400,
        code: "invalid_request",
      });
    }
  }
});
