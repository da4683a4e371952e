import { randomBytes, randomUUID } from "node:crypto";
import { EventStoreDBClient } from "@eventstore/db-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sealProfile } from "../../embedded/wechat/profile.ts";
import type { LoginDependencies } from "../../src/auth/login.ts";
import { createBookExists } from "../../src/commands/library/bookExists.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import type { EventStore } from "../../src/event-store/types.ts";
import { accountEndpoints } from "../../src/http/account/endpoints.ts";
import { authEndpoints } from "../../src/http/auth/endpoints.ts";
import { shelfEndpoints } from "../../src/http/shelf/endpoints.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { newProcess } from "../commands/fixtures.ts";
import { freshDatabase } from "../support/database.ts";
import { freshEventStore } from "../support/eventStore.ts";
import { json, readerId, startApi, tokens } from "./startApi.ts";

// The answers to a reader whose streams were tombstoned in a running event store: from a process that had folded them before, and
// from one that had not.

const appId = "wx0123456789abcdef";
const openid = "o-of-a-reader-who-is-erased";
const sessionKey = randomBytes(16).toString("base64");
const logger = createLogger("test", "silent");
const [shelved, erasedBook] = Array.from({ length: 2 }, () => randomUUID().replaceAll("-", "").slice(0, 12)) as [
  string,
  string,
];
/** Streams of an external server outlive a run. */
const reader = randomUUID();

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let server: Awaited<ReturnType<typeof freshEventStore>>;
let store: EventStore;
let client: EventStoreDBClient;
const apis: Awaited<ReturnType<typeof startProcess>>[] = [];

async function startProcess() {
  const handleCommand = newProcess(store);
  const sessionKeys = { save: async () => {}, load: async () => sessionKey };
  const deps = {
    code2Session: async () => ({ openid, sessionKey }),
    pool,
    sessionKeys,
    handleCommand,
    tokens,
    refreshTokens: { issue: async () => "a refresh token" } as unknown as LoginDependencies["refreshTokens"],
    appId,
  };
  const bookExists = createBookExists(store);
  const endpoints = [
    ...shelfEndpoints({ handleCommand, bookExists, capacity: 10 }, pool),
    ...accountEndpoints(deps),
    ...authEndpoints(deps),
  ];
  return { endpoints, api: await startApi(endpoints, { logger }) };
}

beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url, max: 4, service: "test", logger });
  await pool.query("INSERT INTO accounts (reader_id, openid, registered_at) VALUES ($1, $2, now())", [reader, openid]);
  server = await freshEventStore();
  store = connectEventStore({ url: server.url, logger });
  client = EventStoreDBClient.connectionString(server.url);
  for (const bookId of [shelved, erasedBook]) {
    await store.append(`book-${bookId}`, "no_stream", [
      { id: randomUUID(), type: "BookCatalogued", data: {}, metadata: {} } as never,
    ]);
  }
  const before = await startProcess();
  apis.push(before);
  for (const command of commandsOf(before)) expect(await told(before, command)).toMatch(/^200/);
  await told(before, { method: "PUT", path: `/v1/shelf/${shelved}`, body: {} });
  for (const stream of [`shelf-${reader}`, `account-${reader}`, `book-${erasedBook}`]) {
    await client.tombstoneStream(stream);
  }
  apis.push(await startProcess());
});
afterAll(async () => {
  for (const { api } of apis) await api.close();
  await client?.dispose();
  await store?.close();
  await server?.stop();
  await pool?.end();
  await database?.drop();
});

const loginPath = "/v1/auth/wechat";

type Command = { method: string; path: string; body: unknown };

const bodies: Record<string, () => unknown> = {
  "put /v1/shelf/{bookId}": () => ({}),
  "post /v1/shelf/remove": () => ({ bookIds: ["anotherbook0"] }),
  "put /v1/shelf/order": () => ({ bookIds: [shelved] }),
  "put /v1/shelf/{bookId}/group": () => ({ group: "old" }),
  "put /v1/shelf/groups/{group}": () => ({ name: "旧书" }),
  "put /v1/shelf/groups/order": () => ({ groups: ["old"] }),
  "put /v1/me/profile": () => sealProfile("daiyu", { openid, appid: appId, sessionKey, now: Date.now() }),
  "post /v1/auth/wechat": () => ({ code: "code" }),
};

/** Every command, and the login: those that create what others need first, removals and undos last. */
function commandsOf({ endpoints }: { endpoints: Awaited<ReturnType<typeof startProcess>>["endpoints"] }) {
  const rank = (method: string, path: string) =>
    path.endsWith("/undo") ? 4 : path.endsWith("}/group") || path.endsWith("/pin") ? 2 : method === "delete" ? 3 : 1;
  return endpoints
    .filter(({ command, path }) => command !== undefined || path === loginPath)
    .sort((a, b) => rank(a.method, a.path) - rank(b.method, b.path))
    .map(({ method, path }): Command => {
      const body = bodies[`${method} ${path}`]?.();
      return { method: method.toUpperCase(), path: path.replace("{bookId}", shelved).replace("{group}", "old"), body };
    });
}

/** The status of an answer, with the code of a problem. */
async function told({ api }: { api: (typeof apis)[number]["api"] }, { method, path, body }: Command) {
  const authorization = `Bearer ${tokens.issue({ readerId: reader, roles: ["reader"] }).accessToken}`;
  const { headers, ...rest } = body === undefined ? { headers: {} } : json(body);
  const answer = await api.fetch(path, { method, ...rest, headers: { ...headers, authorization } });
  const { code } = (await answer.json()) as { code?: string };
  return [answer.status, code].filter(Boolean).join(" ");
}

describe.each([
  ["that had the streams in memory", 0],
  ["that had not", 1],
])("a process %s", (_which, index) => {
  test("answers every command on an erased stream with 410, and logs in with a new account", async () => {
    const process = apis[index]!;
    const commands = commandsOf(process);
    expect(commands.length).toBeGreaterThanOrEqual(12);
    const answers = [];
    for (const command of commands) answers.push([command, await told(process, command)]);
    expect(answers).toEqual(commands.map((one) => [one, one.path === loginPath ? "200" : "410 erased"]));
  });

  test("continues for other readers, for whom an erased book does not exist", async () => {
    const { api } = apis[index]!;
    const put = (bookId: string) => api.fetch(`/v1/shelf/${bookId}`, { method: "PUT" });
    expect(readerId).not.toBe(reader);
    expect((await put(shelved)).status).toBe(200);
    const answer = await put(erasedBook);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, "book_not_found"]);
  });
});
