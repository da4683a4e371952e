import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient, HeimaError } from "../../clients/miniprogram/src/index.ts";
import { type Stack, startStack } from "../../embedded/supervisor/stack.ts";
import { offlineTests } from "./offlineTests.ts";
import { searchTests } from "./searchTests.ts";
import { type Fate, wxShim } from "./wxShim.ts";

let dataDir: string;
let stack: Stack;
let books: readonly string[];
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "heima-client-"));
  stack = await startStack({ dataDir, logLevel: "warn", unlimited: true });
  books = (await device("nobody").client.send("GET /v1/books")).items.map(({ bookId }) => bookId);
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** A device of a WeChat user; `fates` apply to its requests to a path, in order; later ones are sent. */
function device(user: string, fates: { path?: RegExp; fates?: Fate[]; storage?: Map<string, unknown> } = {}) {
  const { path = /./, fates: left = [], storage = new Map() } = fates;
  const shim = wxShim({
    async login() {
      const response = await fetch(`${stack.wechat}/wx.login?user=${user}`);
      return ((await response.json()) as { code: string }).code;
    },
    storage,
    fateOf: ({ url }) => (path.test(url) ? (left.shift() ?? "sent") : "sent"),
  });
  return { ...shim, client: createClient({ baseUrl: `${stack.api}/`, wx: shim.wx, patience: { pauseMs: 1 } }) };
}

/** Gives the device an access token that the server refuses, although it seems valid for long. */
function spoilToken({ storage }: ReturnType<typeof device>) {
  const session = storage.get("heima.session") as object;
  storage.set("heima.session", { ...session, accessToken: "spoilt", expiresAt: Date.now() + 600_000 });
}
const pathsOf = ({ sent }: ReturnType<typeof device>) => sent.map(({ method, path }) => `${method} ${path}`);

describe("a session", () => {
  test("begins with the first request that needs one, is kept, and is used again after a restart", async () => {
    const first = device("mei");
    const me = await first.client.send("GET /v1/me");
    expect(me.id).toBe(first.client.readerId());
    expect(pathsOf(first)).toEqual(["POST /v1/auth/wechat", "GET /v1/me"]);

    const restarted = createClient({ baseUrl: stack.api, wx: first.wx });
    expect(await restarted.send("GET /v1/me")).toEqual(me);
    expect(first.logins).toHaveLength(1);
  });

  test("is not needed for what is open", async () => {
    const anyone = device("anyone");
    const { items } = await anyone.client.send("GET /v1/books", { query: { limit: 2 } });
    const book = await anyone.client.send("GET /v1/books/{bookId}", { params: { bookId: items[0]!.bookId } });
    expect([items.length, book.title]).toEqual([2, items[0]!.title]);
    expect(anyone.logins).toEqual([]);
  });

  test("whose token is not taken is refreshed once for all requests at the time, without wx.login", async () => {
    const reader = device("lan");
    await reader.client.send("GET /v1/me");
    spoilToken(reader);
    reader.sent.length = 0;
    const answers = await Promise.all(Array.from({ length: 8 }, () => reader.client.send("GET /v1/me")));
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([reader.client.readerId()]));
    const paths = pathsOf(reader);
    expect(paths.filter((path) => path === "POST /v1/auth/refresh")).toHaveLength(1);
    expect(paths.filter((path) => path === "GET /v1/me")).toHaveLength(16);
    expect(reader.logins).toHaveLength(1);
  });

  test("that is about to expire is refreshed before it is used", async () => {
    const reader = device("zhu");
    await reader.client.send("GET /v1/me");
    const session = reader.storage.get("heima.session") as object;
    reader.storage.set("heima.session", { ...session, expiresAt: Date.now() + 1_000 });
    reader.sent.length = 0;
    await reader.client.send("GET /v1/me");
    expect(pathsOf(reader)).toEqual(["POST /v1/auth/refresh", "GET /v1/me"]);
  });

  test("that the server has ended is begun anew by wx.login, the same reader", async () => {
    const reader = device("ju");
    const me = await reader.client.send("GET /v1/me");
    spoilToken(reader);
    const session = reader.storage.get("heima.session") as object;
    reader.storage.set("heima.session", { ...session, refreshToken: "unknown" });
    expect((await reader.client.send("GET /v1/me")).id).toBe(me.id);
    expect(reader.logins).toHaveLength(2);
  });

  test("is renewed once and no more: a token that is refused again is an error", async () => {
    const refusal = { status: 401, body: { code: "token_invalid", detail: "no" } };
    const reader = device("hong", { path: /\/v1\/me$/, fates: [refusal, refusal, refusal, refusal] });
    await expect(reader.client.send("GET /v1/me")).rejects.toMatchObject({ code: "token_invalid", status: 401 });
    expect(pathsOf(reader).filter((path) => path === "GET /v1/me")).toHaveLength(2);
  });

  test("needs a new code for each try of a login", async () => {
    const reader = device("ling", { path: /\/auth\/wechat$/, fates: ["unheard", "lost"] });
    await reader.client.login();
    expect(reader.logins).toHaveLength(3);
    expect(new Set(reader.logins)).toHaveLength(3);
  });

  test("ends here and on the server at a logout", async () => {
    const reader = device("qiu");
    await reader.client.send("GET /v1/me");
    const { refreshToken } = reader.storage.get("heima.session") as { refreshToken: string };
    await reader.client.logout();
    expect(reader.client.readerId()).toBeUndefined();
    await expect(reader.client.send("POST /v1/auth/refresh", { body: { refreshToken } })).rejects.toMatchObject({
      status: 401,
    });
  });

  test("ends here when the app ends its login on the server, and stays when it ends that of another device", async () => {
    const [here, there] = [device("xing"), device("xing")];
    for (const { client } of [there, here]) await client.login();
    for (const isOwn of [false, true]) {
      const { items } = await here.client.send("GET /v1/me/logins");
      const id = items.find(({ current }) => current === isOwn)!.id;
      expect(await here.client.send("DELETE /v1/me/logins/{id}", { params: { id } })).toEqual({ current: isOwn });
      expect(here.client.readerId() === undefined).toBe(isOwn);
    }
  });

  test("cannot begin when WeChat gives no code", async () => {
    const { wx } = wxShim({ login: () => Promise.reject(new Error("login:fail")) });
    const client = createClient({ baseUrl: stack.api, wx });
    await expect(client.send("GET /v1/me")).rejects.toMatchObject({ code: "login_failed", status: 0 });
  });
});

describe("a command", () => {
  const put = (bookId: string) => ({ params: { bookId } });

  test("is included in the next query of the device, which reports that", async () => {
    const reader = device("song");
    const shelved: string[] = [];
    for (const bookId of books.slice(0, 4)) {
      const answer = await reader.client.send("PUT /v1/shelf/{bookId}", put(bookId));
      expect(answer.events).toEqual(["BookAddedToShelf"]);
      shelved.unshift(bookId);
      const { body, consistency } = await reader.client.exchange("GET /v1/shelf");
      expect(consistency).toBe("current");
      expect(body.items.map((item) => item.bookId)).toEqual(shelved);
    }
  });

  test("that was done without an answer is repeated with its key, and done once", async () => {
    const reader = device("chu", { path: /\/v1\/shelf\//, fates: ["unheard", "lost", "unheard"] });
    const answer = await reader.client.send("PUT /v1/shelf/{bookId}", put(books[0]!));
    expect(answer).toMatchObject({ revision: 0, events: ["BookAddedToShelf"] });
    const keys = reader.sent.filter(({ method }) => method === "PUT").map(({ header }) => header["Idempotency-Key"]);
    expect(keys).toHaveLength(4);
    expect(new Set(keys)).toHaveLength(1);
    const again = await reader.client.send("PUT /v1/shelf/{bookId}", put(books[0]!));
    expect(again).toMatchObject({ revision: 0, events: [] });
  });

  test("of two taps has two keys, unless the caller gives one", async () => {
    const reader = device("tang");
    const idempotencyKey = "01890a5d-ac96-774b-bcce-b302099a8057";
    const input = { ...put(books[0]!), idempotencyKey };
    const first = await reader.client.send("PUT /v1/shelf/{bookId}", input);
    await reader.client.send("DELETE /v1/shelf/{bookId}", put(books[0]!));
    expect(await reader.client.send("PUT /v1/shelf/{bookId}", input)).toEqual(first);
    const keys = reader.sent.filter(({ path }) => path.startsWith("/v1/shelf")).map((s) => s.header["Idempotency-Key"]);
    expect([keys[0], keys[2]]).toEqual([idempotencyKey, idempotencyKey]);
    expect(keys[1]).not.toBe(idempotencyKey);
  });

  test("that is refused is an error with its code, and not repeated", async () => {
    const reader = device("yuan");
    const sending = reader.client.send("PUT /v1/shelf/{bookId}", put("aaaaaaaaaaaa"));
    await expect(sending).rejects.toBeInstanceOf(HeimaError);
    await expect(sending).rejects.toMatchObject({ code: "book_not_found", status: 404, requestId: expect.any(String) });
    expect(reader.sent.filter(({ method }) => method === "PUT")).toHaveLength(1);
    const invalid = reader.client.send("PUT /v1/shelf/{bookId}", put("书/一"));
    await expect(invalid).rejects.toMatchObject({ code: "invalid_request", errors: [{ path: "bookId" }] });
  });
});

describe("a request", () => {
  const busy = (header?: Record<string, string>) => ({
    status: 503,
    body: { code: "dependency_unavailable", detail: "away" },
    ...(header === undefined ? {} : { header }),
  });

  test("is repeated while the system is busy, and given up after four tries", async () => {
    const patient = device("ming", { fates: [busy(), "lost", busy()] });
    expect((await patient.client.send("GET /v1/books")).items.length).toBeGreaterThan(0);
    expect(patient.sent).toHaveLength(4);
    const away = device("qing", { fates: Array.from({ length: 9 }, () => "lost" as const) });
    await expect(away.client.send("GET /v1/books")).rejects.toMatchObject({ code: "network_error", status: 0 });
    expect(away.sent).toHaveLength(4);
  });

  test("is not repeated when the server asks for more patience than a reader has", async () => {
    const reader = device("jin", { fates: [busy({ "Retry-After": "60" })] });
    await expect(reader.client.send("GET /v1/books")).rejects.toMatchObject({ code: "dependency_unavailable" });
    expect(reader.sent).toHaveLength(1);
  });

  test("that something else answered is a separate error", async () => {
    const reader = device("han", { fates: [{ status: 404, body: "<html>nginx</html>" }] });
    await expect(reader.client.send("GET /v1/books")).rejects.toMatchObject({
      code: "unexpected_answer",
      status: 404,
    });
  });

  test("carries Chinese text and leaves out what is undefined", async () => {
    const reader = device("wei");
    await reader.client.send("PUT /v1/shelf/groups/{group}", {
      params: { group: "night" },
      body: { name: "夜读 & 晨读" },
    });
    const { items } = await reader.client.send("GET /v1/shelf/groups");
    expect(items).toEqual([{ id: "night", name: "夜读 & 晨读", books: 0 }]);
    const query = { q: "没有 & 这本", limit: 3, cursor: undefined };
    expect((await reader.client.send("GET /v1/shelf", { query } as never)).items).toEqual([]);
  });
});

offlineTests(device, () => books);
searchTests(device, () => books);
