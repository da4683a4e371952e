import { createHmac, randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Stack, startStack } from "../../embedded/supervisor/stack.ts";
import { createCode2Session } from "../../src/auth/wechat/code2Session.ts";

// Tests the claims of docs/security.md, item by item of the OWASP API Security Top 10 (2023), against a running stack.

type Reader = { accessToken: string; refreshToken: string; reader: { id: string } };
type Operation = { security: object[]; description?: string };
type OpenApi = { paths: Record<string, Record<string, Operation>> };

let dataDir: string;
let stack: Stack;
let book: string;
let mine: Reader;
let other: Reader;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "heima-owasp-"));
  stack = await startStack({ dataDir, logLevel: "warn" });
  book = ((await (await ask("GET", "/v1/books?limit=1")).json()) as { items: { bookId: string }[] }).items[0]!.bookId;
  [mine, other] = [await logIn("daiyu"), await logIn("baoyu")];
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

type Sent = { token?: string | undefined; body?: unknown; headers?: Record<string, string> };
const ask = (method: string, path: string, { token, body, headers = {} }: Sent = {}) =>
  fetch(stack.api + path, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
/** Status and problem code, as `401 token_invalid`; only the status if it is no problem. */
async function told(answer: Response | Promise<Response>): Promise<string> {
  const { status, headers, ...response } = await Promise.resolve(answer).then(async (settled) => ({
    status: settled.status,
    headers: settled.headers,
    text: await settled.text(),
  }));
  if (headers.get("content-type")?.startsWith("application/problem+json") !== true) return String(status);
  return `${status} ${(JSON.parse(response.text) as { code: string }).code}`;
}
const codeFor = async (user: string) =>
  ((await (await fetch(`${stack.wechat}/wx.login?user=${user}`)).json()) as { code: string }).code;
const logIn = async (user: string) =>
  (await (await ask("POST", "/v1/auth/wechat", { body: { code: await codeFor(user) } })).json()) as Reader;
const openApi = async () => (await (await ask("GET", "/openapi.json")).json()) as OpenApi;
const operations = async () =>
  Object.entries((await openApi()).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{bookId\}/, book).replace(/\{\w+\}/g, "a"),
      operation,
    })),
  );

describe("API1 broken object level authorization", () => {
  test("except for analysts no path and no query names a reader: only the token does", async () => {
    const ofReaders = Object.entries((await openApi()).paths).filter(([, methods]) =>
      Object.values(methods).every(({ description }) => description?.includes("For the role `analyst`") !== true),
    );
    expect(JSON.stringify(ofReaders)).not.toMatch(/\/readers\/|\{(reader|user|account)\w*\}|"name":"readerId"/i);
    expect(await told(ask("GET", `/v1/shelf?readerId=${mine.reader.id}`, { token: other.accessToken }))).toBe(
      "400 invalid_request",
    );
  });

  test("one reader's shelf is not changed, seen or guessed by another", async () => {
    const key = { "idempotency-key": randomUUID() };
    const added = await ask("PUT", `/v1/shelf/${book}`, { token: mine.accessToken, headers: key });
    const seen = { "consistency-token": added.headers.get("consistency-token")! };
    expect(await told(ask("PUT", `/v1/shelf/${book}/pin`, { token: other.accessToken }))).toBe("404 book_not_on_shelf");
    await ask("DELETE", `/v1/shelf/${book}`, { token: other.accessToken });
    const items = async (token: string) => {
      const response = await ask("GET", "/v1/shelf", { token, headers: seen });
      return ((await response.json()) as { items: unknown[] }).items.length;
    };
    expect([await items(mine.accessToken), await items(other.accessToken)]).toEqual([1, 0]);
    // The key of the other reader's command is unknown on this shelf: the command is executed here, not answered from there.
    const same = await ask("DELETE", `/v1/shelf/${book}`, { token: other.accessToken, headers: key });
    expect(await same.json()).toMatchObject({ events: [] });
  });
});

describe("API2 broken authentication", () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const secretOf = () => stack.environment.JWT_SECRETS!.split(",")[0]!.split(/:(.*)/s) as [string, string];
  const signed = (header: object, payload: object, secret: string) => {
    const text = `${part(header)}.${part(payload)}`;
    return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
  };
  const claims = (more: object = {}) => {
    const now = Math.floor(Date.now() / 1_000);
    const standard = { iss: "heima-literature", aud: "heima-literature-api", iat: now, exp: now + 60 };
    return { ...standard, sub: mine.reader.id, roles: ["reader"], ...more };
  };

  test("a token that we did not sign is none, whatever it says of itself", async () => {
    const [kid, secret] = secretOf();
    const me = (token: string) => told(ask("GET", "/v1/me", { token }));
    expect(await me(signed({ alg: "HS256", kid }, claims(), secret))).toBe("200");
    const forged = {
      "alg none": `${part({ alg: "none", kid })}.${part(claims())}.`,
      "alg none, signed": signed({ alg: "none", kid }, claims(), secret),
      "another secret": signed({ alg: "HS256", kid }, claims(), "guessed"),
      "no kid": signed({ alg: "HS256" }, claims(), secret),
      "a kid that does not exist": signed({ alg: "HS256", kid: "k9" }, claims(), secret),
      "a kid that is a path": signed({ alg: "HS256", kid: "../../dev/null" }, claims(), ""),
      "a kid of the language": signed({ alg: "HS256", kid: "__proto__" }, claims(), ""),
      "a key that it brings along": signed({ alg: "HS256", jwk: { kty: "oct", k: "" } }, claims(), ""),
      "no end": signed({ alg: "HS256", kid }, { ...claims(), exp: undefined }, secret),
      "another issuer": signed({ alg: "HS256", kid }, claims({ iss: "someone" }), secret),
      "a changed reader": mine.accessToken.replace(/\.[^.]+\./, `.${part(claims({ sub: other.reader.id }))}.`),
      "a refresh token": mine.refreshToken,
    };
    for (const [what, token] of Object.entries(forged)) expect(await me(token), what).toBe("401 token_invalid");
    expect(await me(signed({ alg: "HS256", kid }, claims({ exp: 1 }), secret))).toBe("401 token_expired");
    expect(await told(ask("GET", `/v1/me?access_token=${mine.accessToken}`))).toBe("401 token_missing");
  });

  test("a WeChat code works once; the answer has nothing of WeChat's", async () => {
    const code = await codeFor("xiren");
    const first = await ask("POST", "/v1/auth/wechat", { body: { code } });
    expect(first.headers.get("cache-control")).toBe("no-store");
    expect(Object.keys((await first.json()) as object).sort()).toEqual([
      "accessToken",
      "expiresIn",
      "reader",
      "refreshToken",
    ]);
    expect(await told(ask("POST", "/v1/auth/wechat", { body: { code } }))).toBe("401 wechat_code_used");
  });

  test("a refresh token is worth nothing after the logout, and cannot be guessed", async () => {
    const { refreshToken } = await logIn("qingwen");
    // Sixteen random bytes of its login, and thirty-two of the token.
    expect(Buffer.from(refreshToken, "base64url")).toHaveLength(48);
    const refresh = () => told(ask("POST", "/v1/auth/refresh", { body: { refreshToken } }));
    expect(await refresh()).toBe("200");
    await ask("POST", "/v1/auth/logout", { body: { refreshToken } });
    expect(await refresh()).toBe("401 refresh_token_revoked");
  });
});

describe("API3 broken object property level authorization", () => {
  test("a field that an endpoint does not know is refused, not taken over", async () => {
    const token = mine.accessToken;
    const bodies: [string, string, object][] = [
      ["POST", "/v1/auth/wechat", { code: "c", roles: ["operator"] }],
      ["POST", "/v1/auth/refresh", { refreshToken: "r", roles: ["operator"] }],
      ["PUT", `/v1/shelf/${book}`, { readerId: other.reader.id }],
      ["PUT", "/v1/me/profile", { encryptedData: "AAAA", iv: `${"A".repeat(22)}==`, roles: ["operator"] }],
    ];
    for (const [method, path, body] of bodies) {
      expect(await told(ask(method, path, { token, body })), path).toBe("400 invalid_request");
    }
    expect(await told(ask("PUT", `/v1/shelf/${book}`, { token, body: '{"__proto__":{"roles":["operator"]}}' }))).toBe(
      "400 invalid_request",
    );
  });

  test("an answer has what it declares: of the account no openid, and no key of anything", async () => {
    const me = (await (await ask("GET", "/v1/me", { token: mine.accessToken })).json()) as object;
    expect(Object.keys(me).sort()).toEqual(["id", "profile", "registeredAt", "roles"]);
  });
});

describe("API4 unrestricted resource consumption", () => {
  test("bodies, pages and words have bounds", async () => {
    const token = mine.accessToken;
    const large = { refreshToken: "x".repeat(300_000) };
    expect(await told(ask("POST", "/v1/auth/refresh", { body: large }))).toBe("413 body_too_large");
    expect(await told(ask("POST", "/v1/auth/wechat", { body: { code: "x".repeat(257) } }))).toBe("400 invalid_request");
    expect(await told(ask("GET", "/v1/books?limit=1000"))).toBe("400 invalid_request");
    expect(await told(ask("GET", `/v1/shelf?q=${"x".repeat(65)}`, { token }))).toBe("400 invalid_request");
    const many = Array.from({ length: 101 }, () => book);
    expect(await told(ask("POST", "/v1/shelf/remove", { token, body: { bookIds: many } }))).toBe("400 invalid_request");
  });

  test("a body is not read of somebody unknown", async () => {
    expect(await told(ask("PUT", `/v1/shelf/${book}`, { body: "x".repeat(300_000) }))).toBe("401 token_missing");
  });

  test("a reader who asks without end is told to wait, while another goes on", async () => {
    const { accessToken } = await logIn("fengjie");
    const wave = () => Promise.all(Array.from({ length: 100 }, () => ask("GET", "/v1/me", { token: accessToken })));
    const answers = await wave();
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(60);
    // A slow machine may need more than one wave to be faster than 20 a second.
    for (let waves = 1; waves < 10 && answers.every(({ status }) => status === 200); waves++)
      answers.push(...(await wave()));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]!.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(await told(refused[0]!)).toBe("429 too_many_requests");
    expect(await told(ask("GET", "/v1/me", { token: mine.accessToken }))).toBe("200");
  });
});

describe("API5 broken function level authorization", () => {
  test("every operation that is not open refuses who has no token, and every one for a role a plain reader", async () => {
    const closed = (await operations()).filter(
      ({ operation }) => operation.security.length > 0 && operation.security.every((one) => "accessToken" in one),
    );
    expect(closed.length).toBeGreaterThan(10);
    for (const { method, path, operation } of closed) {
      expect(await told(ask(method, path)), `${method} ${path}`).toBe("401 token_missing");
      const role = /For the role `(\w+)`/.exec(operation.description ?? "")?.[1];
      if (role !== "reader") {
        expect(await told(ask(method, path, { token: mine.accessToken })), `${method} ${path}`).toBe("403 forbidden");
      }
    }
  });

  test("another method on the same path is no way around", async () => {
    expect(await told(ask("POST", "/v1/me", { token: mine.accessToken }))).toBe("405 method_not_allowed");
    const headers = { "x-http-method-override": "DELETE" };
    expect(await told(ask("GET", `/v1/books/${book}`, { headers }))).toBe("200");
  });
});

describe("API6 unrestricted access to sensitive business flows", () => {
  test("a command that is sent again and again with its key is done once", async () => {
    const key = { "idempotency-key": randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const answer = await ask("PUT", `/v1/shelf/${book}`, { token: other.accessToken, headers: key });
        return { status: answer.status, body: (await answer.json()) as unknown };
      }),
    );
    expect(answers[0]).toMatchObject({ status: 200, body: { events: ["BookAddedToShelf"] } });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });
});

describe("API7 server side request forgery", () => {
  test("nothing but the login and the doctor asks for a URL, and its host is of the configuration", async () => {
    const src = fileURLToPath(new URL("../../src/", import.meta.url));
    const files = (await readdir(src, { recursive: true })).filter((name) => name.endsWith(".ts"));
    const asking: string[] = [];
    for (const file of files) {
      const text = await readFile(join(src, file), "utf8");
      if (
        /\bfetch\(|\bhttps?\.(get|request)\(|\{[^}]*\b(get|request)\b[^}]*\} from "node:https?"|undici|axios/.test(text)
      ) {
        asking.push(file);
      }
    }
    expect(asking.sort()).toEqual(["auth/wechat/code2Session.ts", "doctor/wechat.ts"]);
  });
});

describe("API8 security misconfiguration", () => {
  test("headers are set, nothing says what we are made of, and no page of another site may ask", async () => {
    const { headers } = await ask("GET", "/v1/books", { headers: { origin: "https://evil.example" } });
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("strict-transport-security")).toMatch(/max-age=\d+/);
    for (const name of ["x-powered-by", "server", "access-control-allow-origin"])
      expect(headers.has(name), name).toBe(false);
  });

  test("errors tell their code and nothing from within", async () => {
    const token = mine.accessToken;
    const answers = await Promise.all([
      ask("PUT", `/v1/shelf/${book}`, { token, body: '{"a":' }),
      ask("GET", "/v1/books/%ff"),
      ask("GET", "/v1/books/'%20OR%201=1--"),
      ask("GET", "/v1/books?cursor=AAAA"),
      ask("GET", "/v1/shelf", { token, headers: { "consistency-token": "nonsense" } }),
      ask("GET", "/v1/..%2f..%2f..%2fetc/passwd"),
      ask("OPTIONS", "/v1/books"),
    ]);
    for (const answer of answers) {
      const text = await answer.text();
      expect(answer.status, text).toBeGreaterThanOrEqual(400);
      expect(answer.status, text).toBeLessThan(500);
      expect(text).not.toMatch(/node_modules|\.ts\b|\bat \w+ \(|SELECT|postgres|ECONN/i);
    }
  });

  // fetch() removes the dots of a path before it sends it.
  test("a path that leaves the root is answered 404", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(stack.api, { path: "/../../etc/passwd" }, (answer) => resolve(answer.resume().statusCode))
        .on("error", reject)
        .end();
    });
    expect(status).toBe(404);
  });
});

describe("API9 improper inventory management", () => {
  test("what is served stands in the document; other versions and back doors are not there", async () => {
    expect(Object.keys((await openApi()).paths).filter((path) => !/^\/(v1|health)\//.test(path))).toEqual([]);
    const paths = ["/v0/me", "/v2/me", "/me", "/admin", "/debug", "/.env", "/.git/config", "/v1/internal"];
    for (const path of paths)
      expect(await told(ask("GET", path, { token: mine.accessToken })), path).toBe("404 not_found");
  });

  test("the queues, which are no part of the API, are there for operators, to read", async () => {
    for (const path of ["/queues", "/queues/api/queues", "/queues/static/favicon-32x32.png"]) {
      expect(await told(ask("GET", path)), path).toBe("401 token_missing");
      expect(await told(ask("GET", path, { token: mine.accessToken })), path).toBe("403 forbidden");
      expect(await told(ask("POST", path, { token: mine.accessToken })), path).toBe("405 method_not_allowed");
    }
  });
});

describe("API10 unsafe consumption of APIs", () => {
  test.each([
    ["no JSON", "<html>"],
    ["a list", "[]"],
    ["null", "null"],
    ["no session_key", '{"openid":"o"}'],
    ["an openid that is no text", '{"openid":{"$ne":1},"session_key":"a"}'],
    ["an openid beyond all measure", JSON.stringify({ openid: "o".repeat(5_000), session_key: "a" })],
    ["an answer beyond all measure", JSON.stringify({ openid: "o", session_key: "a", more: "x".repeat(100_000) })],
    ["an error that is no number", '{"errcode":"0","errmsg":"ok"}'],
  ])("WeChat that answers with %s logs nobody in", async (_what, answer) => {
    const server = createServer((_request, response) => response.end(answer));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      await expect(createCode2Session({ apiUrl, appId: "a", secret: "s" })("c")).rejects.toMatchObject({
        code: "wechat_failed",
      });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
