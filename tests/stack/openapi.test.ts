import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "../../embedded/supervisor/stack.ts";
import { developmentToken } from "../../src/auth/developmentTokens.ts";
import { storeCover } from "../../src/content/covers.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import type { OpenApiDocument } from "../../src/http/openapi/document.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool } from "../../src/platform/postgres.ts";
import { answerChecker } from "../http/openapi/answerChecker.ts";
import { until } from "../support/waiting.ts";

type Login = { accessToken: string; refreshToken: string; reader: { id: string } };

let dataDir: string;
let stack: Stack;
let document: OpenApiDocument;
let checker: ReturnType<typeof answerChecker>;
let login: Login;
/** The token of the logged-in reader, with every role. */
let token: string;
let book: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "heima-openapi-"));
  stack = await startStack({ dataDir, logLevel: "warn", unlimited: true });
  document = (await (await fetch(`${stack.api}/openapi.json`)).json()) as OpenApiDocument;
  checker = answerChecker(document);
  login = (await (await logInAs("reader")).json()) as Login;
  const roles = ["reader", "operator", "analyst"] as const;
  token = developmentToken(stack.environment, { readerId: login.reader.id, roles }).accessToken;
  const books = (await (await fetch(`${stack.api}/v1/books`)).json()) as { items: { bookId: string }[] };
  book = books.items[0]!.bookId;
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Statuses by operation id: the actual answers, checked against the document. */
const answered = new Map<string, Set<number>>();

type Options = { body?: unknown; anonymous?: boolean; type?: string; as?: string };

async function ask(method: string, path: string, options: Options = {}) {
  const { body, anonymous = false, type = "application/json", as = token } = options;
  const response = await fetch(`${stack.api}${path}`, {
    method,
    headers: {
      ...(anonymous ? {} : { authorization: `Bearer ${as}` }),
      ...(body === undefined ? {} : { "content-type": type }),
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const id = await checker.check(method, path, response.clone());
  if (id === undefined) throw new Error(`${method} ${path} is no operation`);
  answered.set(id, (answered.get(id) ?? new Set()).add(response.status));
  return response;
}

const codeFor = async (user: string) => {
  const answer = await fetch(`${stack.wechat}/wx.login?user=${user}`);
  return ((await answer.json()) as { code: string }).code;
};
const logInAs = async (user: string) =>
  ask("POST", "/v1/auth/wechat", { body: { code: await codeFor(user) }, anonymous: true });

/** A picture of no book: the demo library has none. */
async function storedCover(): Promise<string> {
  const url = stack.environment.DATABASE_URL!;
  const pool = createPool({ url, max: 1, service: "test", logger: createLogger("test", "silent") });
  try {
    return await storeCover(pool, { contentType: "image/png", bytes: Buffer.from("\x89PNG\r\n\x1a\n", "latin1") });
  } finally {
    await pool.end();
  }
}

/** The event of a separate reader that the read model of the shelf has parked, once it has. */
async function parkedEvent(): Promise<{ key: string; eventId: string }> {
  const key = randomUUID();
  const { EVENTSTORE_URL: url = "" } = stack.environment;
  const eventStore = connectEventStore({ url, logger: createLogger("test", "silent") });
  const ids = { commandId: key, correlationId: key, causationId: key, commandHash: "0" };
  const metadata = { ...ids, schemaVersion: 1, occurredAt: new Date().toISOString() };
  const poison = { id: randomUUID(), type: "BookAddedToShelf", data: { bookId: 7 }, metadata };
  await eventStore.append(`shelf-${key}`, "no_stream", [poison]).finally(() => eventStore.close());
  await until("the event is parked", async () => {
    const { items } = (await (await ask("GET", "/v1/projections/shelf/parked")).json()) as { items: { key: string }[] };
    return items.some((item) => item.key === key);
  });
  return { key, eventId: poison.id };
}

const bookmarkId = randomUUID();

/** A place at the beginning of the book, with a separate entry. */
async function entry() {
  const chapters = await ask("GET", `/v1/books/${book}/chapters?limit=1`);
  const { items } = (await chapters.json()) as { items: { chapterId: string }[] };
  const place = { chapterId: items[0]!.chapterId, offset: 1 };
  const said = { entryId: randomUUID(), readAt: new Date().toISOString(), activeSeconds: 5, deviceId: "phone" };
  return { place, entry: { ...said, ...place } };
}

const readingRequests: readonly (() => Promise<Response>)[] = [
  async () => ask("PUT", `/v1/reading/${book}/progress`, { body: (await entry()).entry }),
  async () => ask("POST", "/v1/reading/progress", { body: { entries: [{ bookId: book, ...(await entry()).entry }] } }),
  () => ask("GET", `/v1/reading/${book}/progress`),
  () => ask("GET", `/v1/reading/${book}/positions`),
  () => ask("PUT", `/v1/reading/${book}/finished`, { body: {} }),
  () => ask("POST", `/v1/reading/${book}/rounds`, { body: {} }),
  () => ask("GET", `/v1/reading/${book}/rounds`),
  () => ask("GET", "/v1/reading/finished"),
  async () => {
    const body = { ...(await entry()).place, note: "妙" };
    return ask("PUT", `/v1/reading/${book}/bookmarks/${bookmarkId}`, { body });
  },
  () => ask("GET", `/v1/reading/${book}/bookmarks`),
  () => ask("DELETE", `/v1/reading/${book}/bookmarks/${bookmarkId}`),
];

const replayRequests: readonly (() => Promise<Response>)[] = [
  () => ask("GET", "/v1/events?types=BookAddedToShelf"),
  async () => {
    const asked = await ask("POST", "/v1/replays", { body: { types: ["BookAddedToShelf"], format: "ndjson" } });
    const path = asked.headers.get("location")!;
    expect(await (await ask("GET", `${path}/progress`)).text()).toContain('"state":"done"');
    const { files } = (await (await ask("GET", path)).json()) as { files: { url: string }[] };
    await ask("GET", files[0]!.url);
    return ask("DELETE", path);
  },
  () => ask("GET", "/v1/replays"),
  () => ask("GET", "/v1/analytics"),
  async () => {
    const view = () => ask("GET", "/v1/analytics/daily_readers?limit=5");
    await until("the analytics are published", async () => (await view()).status === 200);
    return view();
  },
];

/** Requests that succeed, in an order in which they do; an operation that is missing here fails the last test. */
const successes: readonly (() => Promise<Response>)[] = [
  () => logInAs("another"),
  async () => {
    const sealed = await (await fetch(`${stack.wechat}/wx.getUserProfile?user=reader`)).json();
    const { encryptedData, iv } = sealed as { encryptedData: string; iv: string };
    return ask("PUT", "/v1/me/profile", { body: { encryptedData, iv } });
  },
  () => ask("GET", "/v1/me"),
  () => ask("GET", "/v1/me/export"),
  async () => {
    await logInAs("reader");
    const { items } = (await (await ask("GET", "/v1/me/logins")).json()) as { items: { id: string }[] };
    return ask("DELETE", `/v1/me/logins/${items[0]!.id}`);
  },
  async () => {
    const { accessToken } = (await (await logInAs("who goes")).json()) as Login;
    expect((await ask("DELETE", "/v1/me", { as: accessToken })).status).toBe(202);
    expect((await ask("GET", "/v1/me", { as: accessToken })).status).toBe(401);
    return ask("DELETE", "/v1/me", { as: accessToken });
  },
  () => ask("GET", "/v1/books?limit=2"),
  () => ask("GET", `/v1/books/${book}`),
  () => ask("GET", `/v1/books/${book}/chapters?order=desc`),
  async () => {
    const chapter = await ask("GET", `/v1/books/${book}/chapters/no:1`);
    const { textUrl } = (await chapter.json()) as { textUrl: string };
    return ask("GET", textUrl);
  },
  async () => ask("GET", `/v1/covers/${await storedCover()}`),
  async () => {
    const categories = await ask("GET", "/v1/categories");
    const { items } = (await categories.json()) as { items: { id: string }[] };
    return ask("GET", `/v1/categories/${items[0]!.id}/books`);
  },
  () => ask("GET", "/v1/rankings/new?limit=2"),
  () => ask("GET", `/v1/books/${book}/similar`),
  () => ask("GET", "/v1/reading/stats"),
  () => ask("PUT", "/v1/shelf/groups/night", { body: { name: "夜读" } }),
  () => ask("PUT", `/v1/shelf/${book}`, { body: { group: "night" } }),
  () => ask("PUT", `/v1/shelf/${book}/pin`),
  () => ask("PUT", "/v1/shelf/order", { body: { bookIds: [book] } }),
  () => ask("PUT", "/v1/shelf/groups/order", { body: { groups: ["night"] } }),
  () => ask("GET", "/v1/shelf?sort=manual"),
  () => ask("GET", "/v1/shelf/groups"),
  () => ask("GET", "/v1/shelf/last-read"),
  ...readingRequests,
  () => ask("PUT", `/v1/shelf/${book}/group`, { body: { group: null } }),
  () => ask("DELETE", `/v1/shelf/${book}/pin`),
  () => ask("DELETE", "/v1/shelf/groups/night"),
  () => ask("POST", "/v1/shelf/remove", { body: { bookIds: [book] } }),
  () => ask("POST", "/v1/shelf/undo"),
  () => ask("DELETE", `/v1/shelf/${book}`),
  () => ask("PUT", `/v1/history/${book}`),
  () => ask("GET", "/v1/history?limit=1"),
  () => ask("DELETE", `/v1/history/${book}`),
  () => ask("POST", "/v1/history/undo"),
  () => ask("DELETE", "/v1/history"),
  () => ask("GET", `/v1/search?q=${encodeURIComponent("无锋")}`),
  () => ask("GET", "/v1/search/suggest?q=w"),
  () => ask("GET", "/v1/search/hot"),
  () => ask("GET", "/v1/search/history"),
  () => ask("POST", "/v1/search/history/remove", { body: { keyword: "红楼梦" } }),
  () => ask("DELETE", "/v1/search/history"),
  () => ask("PUT", `/v1/search/blocked/${encodeURIComponent("刷榜")}`),
  () => ask("GET", "/v1/search/blocked"),
  () => ask("DELETE", `/v1/search/blocked/${encodeURIComponent("刷榜")}`),
  () => ask("GET", `/v1/books/${book}/search?q=${encodeURIComponent("寶玉")}`),
  () => ask("PUT", "/v1/preferences", { body: { channel: "published", categoryIds: [] } }),
  () => ask("GET", "/v1/preferences"),
  () => ask("PUT", "/v1/settings", { body: { brightness: 50 } }),
  () => ask("GET", "/v1/settings"),
  () => ask("POST", "/v1/library/featured", { body: { channel: "published", bookIds: [book] } }),
  () => ask("GET", "/v1/library/featured?channel=published"),
  () => ask("GET", "/v1/shelf"),
  async () => {
    const file = "《灯》\n\n第一章 风起\n　　正文。\n";
    const accepted = await ask("POST", "/v1/library/books?fileName=a.txt", { body: file, type: "text/plain" });
    return ask("GET", accepted.headers.get("location")!);
  },
  async () => {
    const file = "《舟》\n\n第一章 风起\n　　正文。\n";
    const accepted = await ask("POST", "/v1/library/books?fileName=b.txt", { body: file, type: "text/plain" });
    await ask("POST", `${accepted.headers.get("location")}/reject`);
    return ask("POST", `${accepted.headers.get("location")}/accept`);
  },
  ...replayRequests,
  () => ask("GET", `/v1/readers/${login.reader.id}/as-of/${new Date().toISOString()}`),
  () => ask("GET", `/v1/me/as-of/${new Date().toISOString()}`),
  () => ask("GET", "/v1/projections"),
  () => ask("POST", "/v1/projections/collected/rebuild", { body: { partitions: 3 } }),
  async () => {
    const { key, eventId } = await parkedEvent();
    await ask("POST", "/v1/projections/shelf/parked/retry", { body: { key } });
    return ask("POST", "/v1/projections/shelf/parked/skip", { body: { eventId, reason: "a test wrote it" } });
  },
  () => ask("GET", "/health/live"),
  () => ask("GET", "/health/ready"),
  async () => {
    const { refreshToken } = login;
    const response = await ask("POST", "/v1/auth/refresh", { body: { refreshToken }, anonymous: true });
    login = { ...login, ...((await response.clone().json()) as Login) };
    return response;
  },
  () => ask("POST", "/v1/auth/logout", { body: { refreshToken: login.refreshToken }, anonymous: true }),
  () => ask("POST", "/v1/auth/logout-everywhere"),
];

test("what succeeds is answered as the document says", async () => {
  for (const send of successes) {
    const response = await send();
    expect([response.url, response.status < 300]).toEqual([response.url, true]);
  }
});

test("what fails is answered as the document says, for every operation", async () => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  for (const { path, method, operation } of operations) {
    const url = path.replace("{group}", "nowhere").replace(/\{\w+\}/g, "aaaaaaaaaaaa");
    expect((await ask(method, `${url}?nonsense=1`)).status).toBe(400);
    if (path.includes("{")) expect((await ask(method, path.replace(/\{\w+\}/g, "%ff"))).status).toBe(400);
    if (operation.security.length > 0 && operation.security.every((one) => "accessToken" in one))
      expect((await ask(method, url, { anonymous: true })).status).toBe(401);
    // A file is refused by its type, JSON by what it is.
    if (method !== "GET") expect([400, 415]).toContain((await ask(method, url, { body: "{" })).status);
    // It would succeed, and be this reader's last request.
    if (operation.operationId !== "deleteMe") await ask(method, url);
  }
});

test("every operation was asked, with success and with a problem", () => {
  const lacking = checker.operationIds.filter((id) => {
    const statuses = [...(answered.get(id) ?? [])];
    return !statuses.some((status) => status < 300) || !statuses.some((status) => status >= 400);
  });
  expect(lacking).toEqual([]);
});
