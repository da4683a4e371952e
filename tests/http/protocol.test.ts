import { createHmac, generateKeyPairSync } from "node:crypto";
import { gzipSync } from "node:zlib";
import jwt from "jsonwebtoken";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Role } from "../../src/auth/roles.ts";
import { endpoint } from "../../src/http/endpoint.ts";
import { RequestProblem } from "../../src/http/problems.ts";
import { queryEndpoint } from "../../src/http/queryEndpoint.ts";
import { bearer, json, logToMemory, readerId, startApi, tokenKeys } from "./startApi.ts";

const log = logToMemory();
let pages = 1;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  api = await startApi(
    [
      endpoint({
        method: "put",
        path: "/v1/echo/{word}",
        access: "reader",
        summary: "For a test",
        params: z.strictObject({ word: z.string() }),
        body: z.strictObject({ text: z.string().optional() }),
        response: z.unknown(),
        problems: [],
        handle: async ({ body, params, readerId }) => ({ body: { ...body, ...params, readerId } }),
      }),
      queryEndpoint({
        path: "/v1/pages",
        access: "open",
        summary: "For a test",
        response: z.unknown(),
        problems: [],
        reads: [],
        handle: async () => ({ pages }),
      }),
      queryEndpoint({
        path: "/v1/mine",
        access: "reader",
        summary: "For a test",
        response: z.unknown(),
        problems: [],
        reads: [],
        handle: async ({ readerId }) => ({ readerId }),
      }),
      queryEndpoint({
        path: "/v1/operators-only",
        access: "operator",
        summary: "For a test",
        response: z.unknown(),
        problems: [],
        reads: [],
        handle: async ({ readerId }) => ({ readerId }),
      }),
      endpoint({
        method: "post",
        path: "/v1/refresh",
        access: "open",
        summary: "For a test",
        response: z.unknown(),
        problems: ["refresh_token_invalid"],
        handle: async () => {
          throw new RequestProblem("refresh_token_invalid", "It is unknown.");
        },
      }),
      endpoint({
        method: "get",
        path: "/v1/broken",
        access: "open",
        summary: "For a test",
        response: z.unknown(),
        problems: [],
        handle: async () => {
          throw Object.assign(new Error("duplicate key"), { detail: "Key (openid)=(o-1) already exists." });
        },
      }),
    ],
    { logger: log.logger },
  );
});
afterAll(() => api.close());

const problemOf = async (response: Response) => {
  expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  const { status, code } = (await response.json()) as { status: number; code: string };
  expect(status).toBe(response.status);
  return { status, code };
};

describe("what no endpoint takes", () => {
  test.each(["/", "/v1", "/v1/echo", "/v1/pages/", "/V1/pages", "/v1/echo/a/b"])("%s is 404", async (path) => {
    expect(await problemOf(await api.fetch(path))).toEqual({ status: 404, code: "not_found" });
  });

  test("a method that the URL does not take is 405 and names those that it takes", async () => {
    const post = await api.fetch("/v1/pages", { method: "POST", ...json({}) });
    expect(post.headers.get("allow")).toBe("GET, HEAD");
    expect(await problemOf(post)).toEqual({ status: 405, code: "method_not_allowed" });
    const get = await api.fetch("/v1/echo/a");
    expect(get.headers.get("allow")).toBe("PUT");
    expect(await problemOf(get)).toEqual({ status: 405, code: "method_not_allowed" });
  });

  test("a path or a query that is not UTF-8 is 400", async () => {
    const malformed = { status: 400, code: "malformed_url" };
    expect(await problemOf(await api.fetch("/v1/echo/%ff", { method: "PUT" }))).toEqual(malformed);
    for (const query of ["q=%ff", "%c0%80=1", "q=%ed%a0%80", "q=%zz", "q=%"]) {
      expect(await problemOf(await api.fetch(`/v1/pages?${query}`))).toEqual(malformed);
    }
  });
});

describe("a body", () => {
  const put = (
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = { "content-type": "application/json" },
  ) => api.fetch("/v1/echo/a", { method: "PUT", body, headers });
  /** JSON of exactly `bytes` bytes. */
  const sized = (bytes: number) => JSON.stringify({ text: "x".repeat(bytes - '{"text":""}'.length) });

  test.each(['{"text":', "text", '"text"', "{'text':1}"])("of %s is malformed", async (body) => {
    expect(await problemOf(await put(body))).toEqual({ status: 400, code: "malformed_json" });
  });

  test.each([
    ["a byte that begins nothing", [0xff]],
    ["half a character", [0xe5, 0xa4]],
    ["an overlong NUL", [0xc0, 0x80]],
    ["half of a surrogate pair", [0xed, 0xa0, 0x80]],
  ])("with %s is malformed", async (_what, bytes) => {
    const text = new Uint8Array([...Buffer.from('{"text":"'), ...bytes, ...Buffer.from('"}')]);
    expect(await problemOf(await put(text))).toEqual({ status: 400, code: "malformed_json" });
  });

  test.each(["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"', "application/json;charset=utf8"])(
    "of type %s is taken",
    async (type) => {
      const response = await put('\ufeff{"text":"夜读"}', { "content-type": type });
      expect(await response.json()).toMatchObject({ text: "夜读" });
    },
  );

  test("of 256 KiB is taken, one byte more is not", async () => {
    expect((await put(sized(256 * 1024))).status).toBe(200);
    expect(await problemOf(await put(sized(256 * 1024 + 1)))).toEqual({ status: 413, code: "body_too_large" });
  });

  test("that is larger only when unpacked is not taken", async () => {
    const packed = new Uint8Array(gzipSync(sized(1_000_000)));
    expect(packed.length).toBeLessThan(10_000);
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    expect(await problemOf(await put(packed, headers))).toEqual({ status: 413, code: "body_too_large" });
  });

  test.each([
    { "content-type": "text/plain" },
    { "content-type": "application/x-www-form-urlencoded" },
    { "content-type": "application/json; charset=gb18030" },
    { "content-type": "application/json; charset=utf-7" },
    { "content-type": "application/json; charset=utf-16le" },
    { "content-type": "application/json; charset=utf-8; charset=utf-7" },
    { "content-type": "application/json; charset" },
    { "content-type": 'application/json; charset="utf-8' },
    { "content-type": "application/json; x-charset=utf-8" },
    { "content-type": 'application/json; x="a;charset=utf-7"' },
    { "content-type": "application/json", "content-encoding": "zip" },
  ])("of %o is an unsupported type", async (headers) => {
    expect(await problemOf(await put('{"text":"x"}', headers))).toEqual({
      status: 415,
      code: "unsupported_media_type",
    });
  });

  test("of a type with as many spaces as a header may have is answered as soon as any other", async () => {
    const type = `application/json; charset=${" ".repeat(15_000)}"utf 8"`;
    // In quadratic time these would take some minutes.
    for (let request = 0; request < 300; request++) {
      expect((await put("{}", { "content-type": type })).status).toBe(415);
    }
    expect(
      (await put("{}", { "content-type": `application/json ; charset =${" ".repeat(15_000)}utf-8 ` })).status,
    ).toBe(200);
  });

  test("of nothing is an empty object, whatever its type", async () => {
    const response = await api.fetch("/v1/echo/a", { method: "PUT", headers: { "content-type": "text/plain" } });
    expect(await response.json()).toEqual({ word: "a", readerId });
  });
});

describe("an access token", () => {
  const [{ kid, key }] = tokenKeys as [(typeof tokenKeys)[0]];
  const claims = { sub: readerId, roles: ["reader"], iss: "heima-literature", aud: "heima-literature-api" };
  const sign = (options: jwt.SignOptions, payload: object = claims, secret: jwt.Secret = key) =>
    jwt.sign(payload, secret, { keyid: kid, expiresIn: 60, ...options });
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const unexpired = { ...claims, exp: Math.floor(Date.now() / 1000) + 60 };

  const refused = async (authorization: string | undefined) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const response = await fetch(`${api.url}/v1/mine`, { headers });
    const { status, code } = await problemOf(response);
    return { status, code, challenge: response.headers.get("www-authenticate") };
  };

  test("that we issued is taken", async () => {
    const response = await fetch(`${api.url}/v1/mine`, { headers: { authorization: `bearer ${sign({})}` } });
    expect({ status: response.status, body: await response.json() }).toEqual({ status: 200, body: { readerId } });
  });

  test.each<[what: string, authorization: string | undefined]>([
    ["no header", undefined],
    ["an empty header", ""],
    ["a scheme alone", "Bearer"],
    ["another scheme", "Basic YTpi"],
    ["a token without scheme", sign({})],
  ])("is missing in %s", async (_what, authorization) => {
    expect(await refused(authorization)).toEqual({
      status: 401,
      code: "token_missing",
      challenge: 'Bearer realm="heima-literature"',
    });
  });

  test.each<[what: string, token: string]>([
    ["signed with a foreign secret", sign({}, claims, "another secret of at least 32 characters")],
    ["of a kid that we do not have", sign({ keyid: "other" })],
    ["without a kid", jwt.sign(claims, key, { expiresIn: 60 })],
    ["of alg none", `${encode({ alg: "none", typ: "JWT", kid })}.${encode(unexpired)}.`],
    [
      "of alg none with a signature of ours",
      (() => {
        const text = `${encode({ alg: "none", kid })}.${encode(unexpired)}`;
        return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
      })(),
    ],
    ["of HS512 with our secret", sign({ algorithm: "HS512" })],
    ["of RS256", sign({ algorithm: "RS256" }, claims, generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey)],
    ["of another issuer", sign({}, { ...claims, iss: "someone" })],
    ["for another audience", sign({}, { ...claims, aud: "someone" })],
    ["that never expires", jwt.sign(claims, key, { keyid: kid })],
    ["of nobody", sign({}, { ...claims, sub: "root" })],
    ["without roles", sign({}, { ...claims, roles: undefined })],
    ["of a role that does not exist", sign({}, { ...claims, roles: ["reader", "root"] })],
    [
      "whose payload was changed",
      sign({}).replace(/\.[^.]+\./, `.${encode({ ...unexpired, sub: `0${readerId.slice(1)}` })}.`),
    ],
    ["that is no token", "nonsense"],
    ["of broken parts", "a.b.c"],
  ])("%s is refused", async (_what, token) => {
    const answer = await refused(`Bearer ${token}`);
    expect(answer).toMatchObject({ status: 401, code: "token_invalid" });
    expect(answer.challenge).toContain('error="invalid_token"');
  });

  test("that has expired is refused as such", async () => {
    expect(await refused(`Bearer ${sign({ expiresIn: -1 })}`)).toMatchObject({ status: 401, code: "token_expired" });
  });

  test("is asked for before the rest of a request is looked at", async () => {
    const response = await fetch(`${api.url}/v1/echo/a?bad=1`, { method: "PUT", body: "not json" });
    expect(await problemOf(response)).toEqual({ status: 401, code: "token_missing" });
  });
});

test("every 401 says how to authenticate, also one that is not of an access token", async () => {
  const response = await api.fetch("/v1/refresh", { method: "POST" });
  expect(response.headers.get("www-authenticate")).toBe('Bearer realm="heima-literature"');
  expect(await problemOf(response)).toEqual({ status: 401, code: "refresh_token_invalid" });
});

describe("an endpoint for a role", () => {
  const ask = (...roles: Role[]) => api.fetch("/v1/operators-only", { headers: { authorization: bearer(...roles) } });

  test("takes a token that carries it", async () => {
    const response = await ask("reader", "operator");
    expect({ status: response.status, body: await response.json() }).toEqual({ status: 200, body: { readerId } });
    expect(response.headers.get("cache-control")).toBe("private, no-cache");
  });

  test("answers 403 to a token of other roles, and 401 to none", async () => {
    for (const roles of [["reader"], ["reader", "analyst"], []] as const) {
      expect(await problemOf(await ask(...roles))).toEqual({ status: 403, code: "forbidden" });
    }
    expect(await problemOf(await fetch(`${api.url}/v1/operators-only`))).toEqual({
      status: 401,
      code: "token_missing",
    });
  });

  test("of readers is not for a token without the role reader", async () => {
    const response = await api.fetch("/v1/mine", { headers: { authorization: bearer("analyst") } });
    expect(await problemOf(response)).toEqual({ status: 403, code: "forbidden" });
  });
});

describe("an answer to a query", () => {
  test("is 304 as long as it has not changed", async () => {
    const first = await api.fetch("/v1/pages");
    // Node's fetch would add no-cache to If-None-Match.
    const headers = { "if-none-match": first.headers.get("etag")!, "cache-control": "max-age=0" };
    const same = await api.fetch("/v1/pages", { headers });
    expect({ status: same.status, body: await same.text() }).toEqual({ status: 304, body: "" });
    pages += 1;
    const changed = await api.fetch("/v1/pages", { headers });
    expect({ status: changed.status, body: await changed.json() }).toEqual({ status: 200, body: { pages } });
  });

  test("of a reader is cached only by the reader", async () => {
    const mine = await api.fetch("/v1/mine");
    expect(mine.headers.get("cache-control")).toBe("private, no-cache");
    expect(mine.headers.get("vary")).toContain("Authorization");
    expect((await api.fetch("/v1/pages")).headers.get("cache-control")).toBe("no-cache");
  });

  test("to HEAD has no body", async () => {
    const head = await api.fetch("/v1/pages", { method: "HEAD" });
    expect({ status: head.status, body: await head.text() }).toEqual({ status: 200, body: "" });
  });
});

describe("the request's id", () => {
  test("is on every response, made or taken over", async () => {
    for (const path of ["/v1/pages", "/nowhere", "/v1/broken"]) {
      expect((await api.fetch(path)).headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      const headers = { "x-request-id": "proxy-7" };
      expect((await api.fetch(path, { headers })).headers.get("x-request-id")).toBe("proxy-7");
    }
  });

  test.each(["two words", "x".repeat(65), "a;b"])("%s is replaced", async (sent) => {
    const response = await api.fetch("/v1/pages", { headers: { "x-request-id": sent } });
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("names the problem and its line in the log, which has the error but not what Postgres adds", async () => {
    const response = await api.fetch("/v1/broken", { headers: { "x-request-id": "broken-1" } });
    expect(await response.json()).toMatchObject({ status: 500, instance: "urn:heima-literature:request:broken-1" });
    await expect.poll(() => log.text()).toContain("broken-1");
    const [line, ...more] = log.lines().filter(({ requestId }) => requestId === "broken-1");
    expect(more).toEqual([]);
    expect(line).toMatchObject({
      method: "GET",
      path: "/v1/broken",
      status: 500,
      problem: "internal_error",
      err: { message: "duplicate key" },
    });
    expect(JSON.stringify(line)).not.toContain("o-1");
  });
});

test("the log has one line a request, with neither query string nor headers", async () => {
  await api.fetch("/v1/pages?code=q-1", { headers: { "x-request-id": "asked-1", cookie: "h-1" } });
  await expect.poll(() => log.text()).toContain("asked-1");
  const lines = log.lines().filter(({ requestId }) => requestId === "asked-1");
  expect(lines).toMatchObject([{ method: "GET", path: "/v1/pages", status: 400, problem: "invalid_request" }]);
  expect(JSON.stringify(lines)).not.toMatch(/q-1|h-1|Bearer/);
});

test("security headers are set and express does not introduce itself", async () => {
  const { headers } = await api.fetch("/v1/pages");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.has("strict-transport-security")).toBe(true);
  expect(headers.has("x-powered-by")).toBe(false);
});
