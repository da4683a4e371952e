import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "../../embedded/supervisor/stack.ts";
import { readerEvents } from "../../src/commands/account/readerEvents.ts";
import { createHandleCommand } from "../../src/commands/handleCommand.ts";
import { createBookExists } from "../../src/commands/library/bookExists.ts";
import { replaceBookFor } from "../../src/commands/shelf/correctShelf.ts";
import type { RecordedEvent } from "../../src/event-store/types.ts";
import { type CliParts, withParts } from "../../src/main/cliParts.ts";
import { exportEvents } from "../../src/main/exportEvents.ts";
import { purge } from "../../src/main/purge.ts";
import { verifyReadModel } from "../../src/main/verifyReadModel.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { collected } from "../../src/projections/collected/collected.ts";
import { keywords } from "../../src/projections/keywords/keywords.ts";
import { shelf } from "../../src/projections/shelf/shelf.ts";
import { viewsOf } from "../../src/projections/views.ts";
import { copiesWith, forgetCopy } from "../../src/replay/copies.ts";
import { tablesWith } from "../support/database.ts";
import { until } from "../support/waiting.ts";

// A reader is erased in the whole system; afterwards every file is searched for remains.

const shelfViews = viewsOf(shelf);
const keywordViews = viewsOf(keywords);
const collectedViews = viewsOf(collected);
const logger = createLogger("test", "silent");
const nickname = `枕霞旧友${randomUUID().slice(0, 8)}`;
const groupName = `葫芦庙${randomUUID().slice(0, 6)}`;
const groupId = `group-${randomUUID().slice(0, 8)}`;
const keyword = `芍药裀${randomUUID().slice(0, 6)}`;
const userAgent = `xiangyun/${randomUUID()}`;

let dataDir: string;
let stack: Stack;
let pool: Pool;
let books: readonly string[];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "heima-erasure-"));
  stack = await startStack({ dataDir, logLevel: "info", unlimited: true });
  pool = createPool({ url: stack.environment.DATABASE_URL ?? "", max: 2, service: "test", logger });
  Object.assign(process.env, stack.environment);
  const listed = (await (await fetch(`${stack.api}/v1/books`)).json()) as { items: { bookId: string }[] };
  books = listed.items.map(({ bookId }) => bookId);
}, 120_000);
afterAll(async () => {
  await pool?.end();
  await stack?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

type Login = { accessToken: string; refreshToken: string; reader: { id: string; isNew: boolean } };

async function logIn(user: string): Promise<Login> {
  const { code } = (await (await fetch(`${stack.wechat}/wx.login?user=${user}`)).json()) as { code: string };
  return (await ask(undefined, "POST", "/v1/auth/wechat", { code })).body as Login;
}

/** The client of the erased reader; all others send no identification. */
let agent = "node";

async function ask(login: Login | undefined, method: string, path: string, body?: unknown) {
  const response = await fetch(`${stack.api}${path}`, {
    method,
    headers: {
      "user-agent": agent,
      ...(login && { authorization: `Bearer ${login.accessToken}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** The files of the data folder in which one of the texts is found. */
async function filesWith(texts: readonly string[]): Promise<readonly string[]> {
  const wanted = texts.flatMap((text) => [Buffer.from(text), Buffer.from(JSON.stringify(text).slice(1, -1))]);
  const found: string[] = [];
  for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    for (const [index, text] of wanted.entries())
      if (bytes.includes(text)) found.push(`${relative(dataDir, path)}: ${texts[index >> 1]}`);
  }
  return found;
}

/** The parts of the command line; each `heima` process would take seconds. */
const commandLine: <Result>(work: (parts: CliParts) => Promise<Result>) => Promise<Result> = withParts;

async function verified(): Promise<void> {
  for (const name of ["shelf", "collected", "keywords"]) {
    const { differences, events } = await withParts((parts) => verifyReadModel(parts, name, { kind: "all" }, () => {}));
    expect([name, differences, events > 0]).toEqual([name, 0, true]);
  }
}

/** Copies the data of a reader; the files are removed, the list stays. */
async function copyOf(readerId: string, identitiesReason: string | undefined): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "heima-erasure-copy-"));
  const nothing = {
    from: undefined,
    to: undefined,
    since: undefined,
    types: undefined,
    books: undefined,
    by: undefined,
  };
  const asked = { ...nothing, readers: [readerId], format: "ndjson", folder, identitiesReason } as const;
  const options = { onProgress: () => {}, signal: new AbortController().signal };
  try {
    const { exportId } = await commandLine((parts) => exportEvents(parts, asked, "li", options));
    return exportId;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const traced = (id: string) =>
  commandLine(async ({ eventStore }) => {
    const events: RecordedEvent[] = [];
    for await (const event of readerEvents(eventStore, id)) events.push(event);
    return events;
  });

test("a reader sees what is held, ends logins, is erased, and nothing of the reader is left on any disk", async () => {
  const [shared = "", own = "", moved = ""] = books;
  const other = await logIn("baochai");
  await ask(other, "PUT", `/v1/shelf/${shared}`, {});
  agent = userAgent;
  const reader = await logIn("xiangyun");
  agent = "node";
  const { id } = reader.reader;
  const { openid } = (await pool.query("SELECT openid FROM accounts WHERE reader_id = $1", [id])).rows[0];

  const sealed = await (await fetch(`${stack.wechat}/wx.getUserProfile?user=xiangyun`)).json();
  expect((await ask(reader, "PUT", "/v1/me/profile", sealed)).status).toBe(200);
  await pool.query("UPDATE profiles SET nickname = $2 WHERE reader_id = $1", [id, nickname]);
  await ask(reader, "PUT", `/v1/shelf/groups/${groupId}`, { name: groupName });
  for (const book of [shared, own]) await ask(reader, "PUT", `/v1/shelf/${book}`, { group: groupId });
  for (const login of [reader, undefined])
    expect((await ask(login, "GET", `/v1/search?q=${encodeURIComponent(login ? keyword : "宝钗")}`)).status).toBe(200);
  const correction = { by: "妙玉", reason: `两本一样${groupName}` };
  const handled = await commandLine(({ eventStore }) =>
    replaceBookFor(
      { handleCommand: createHandleCommand({ eventStore, logger }), bookExists: createBookExists(eventStore) },
      { readerId: id, from: own, to: moved },
      correction,
    ),
  );
  expect(handled.events).toContain("BookAddedToShelf");
  expect((await traced(id)).at(-1)?.metadata).toMatchObject({ correction });

  const second = await logIn("xiangyun");
  const logins = (await ask(reader, "GET", "/v1/me/logins")).body.items as { id: string; current: boolean }[];
  expect(logins.map(({ current }) => current).sort()).toEqual([false, true]);
  const elsewhere = logins.find(({ current }) => !current)?.id;
  expect(await ask(reader, "DELETE", `/v1/me/logins/${elsewhere}`)).toEqual({
    status: 200,
    body: { current: false },
  });
  expect((await ask(undefined, "POST", "/v1/auth/refresh", { refreshToken: second.refreshToken })).body.code).toBe(
    "refresh_token_revoked",
  );
  expect((await ask(other, "DELETE", `/v1/me/logins/${logins[0]?.id}`)).body.code).toBe("login_not_found");

  await until("the shelf is projected", async () => {
    const { rows } = await pool.query(`SELECT group_id FROM ${shelfViews.shelf_books} WHERE reader_id = $1`, [id]);
    return rows.filter(({ group_id }) => group_id === groupId).length === 2;
  });
  await until("who collects the books is projected", async () => {
    const { rows } = await pool.query(`SELECT FROM ${collectedViews.collecting_readers} WHERE reader_id = $1`, [id]);
    return rows.length === 2;
  });
  await until("the search is in the reader's history", async () => {
    const { items } = (await ask(reader, "GET", "/v1/search/history")).body as { items: { keyword: string }[] };
    return items.length === 1 && items[0]?.keyword === keyword;
  });
  const exported = (await ask(reader, "GET", "/v1/me/export")).body as {
    reader: { account: object; profile: object; logins: object[] };
    streams: Record<string, { type: string }[]>;
    readModels: Record<string, Record<string, object[]>>;
  };
  expect(exported.reader).toMatchObject({
    account: { id, openid },
    profile: { nickname },
    logins: [{ endedAt: expect.any(String) }, { userAgent, endedAt: null }],
  });
  expect(exported.streams.account?.map(({ type }) => type)).toEqual(["ReaderRegistered", "ReaderProfileChanged"]);
  expect(exported.streams.shelf?.map(({ type }) => type)).toContain("ShelfGroupCreated");
  expect(exported.streams.search?.map(({ type }) => type)).toEqual(["KeywordSearched"]);
  expect(exported.readModels.keywords).toMatchObject({ keyword_days: [{ typed: keyword }], own_keywords: [{}] });
  expect(exported.readModels.shelf?.shelf_groups).toMatchObject([{ name: groupName }]);
  expect(exported.readModels.collected?.collecting_readers).toHaveLength(2);

  const named = await copyOf(id, "the reader asked");
  const hidden = await copyOf(id, undefined);
  expect((await copiesWith(pool, id)).map(({ exportId }) => exportId).sort()).toEqual([named, hidden].sort());

  const texts = [openid, nickname, groupName, keyword, userAgent];
  expect((await filesWith(texts)).length).toBeGreaterThan(0);
  await until("all is on disk", async () => (await filesWith([groupName])).length > 0);

  expect((await ask(reader, "DELETE", "/v1/me")).status).toBe(202);
  expect(await ask(reader, "GET", "/v1/shelf")).toMatchObject({ status: 401, body: { code: "reader_erased" } });
  await until("the reader is erased", async () => {
    return (await ask(reader, "DELETE", "/v1/me")).body.state === "erased";
  });
  expect((await ask(undefined, "POST", "/v1/auth/refresh", { refreshToken: reader.refreshToken })).status).toBe(401);
  expect(await ask(reader, "PUT", `/v1/shelf/${own}`, {})).toMatchObject({ status: 401 });
  expect((await traced(id)).map(({ type }) => type)).toEqual([
    "ReaderRegistered",
    "ReaderProfileChanged",
    "ReaderErased",
  ]);

  await until("the read models forget", async () => {
    const of = "WHERE reader_id = $1";
    const { rows } = await pool.query(
      `SELECT (SELECT count(*)::int FROM ${shelfViews.shelf_books} ${of}) + (SELECT count(*)::int FROM ${shelfViews.shelf_groups} ${of})
            + (SELECT count(*)::int FROM ${collectedViews.collecting_readers} ${of})
            + (SELECT count(*)::int FROM ${keywordViews.keyword_days} ${of})
            + (SELECT count(*)::int FROM ${keywordViews.own_keywords} ${of}) AS rows`,
      [id],
    );
    return rows[0].rows === 0;
  });
  const counts = async () =>
    (await pool.query(`SELECT * FROM ${collectedViews.collected_books} ORDER BY book_id`)).rows;
  const counted = await counts();
  expect(counted).toEqual([{ book_id: shared, shelves: 1 }]);
  await verified();

  // The mark, as long as a token is valid; and the readers in a copy with names, as long as it is on the list.
  expect(await tablesWith(pool, id)).toEqual(["public.accounts", "public.replay_export_readers"]);
  await pool.query("UPDATE accounts SET forgotten_at = now() - interval '21 minutes' WHERE reader_id = $1", [id]);
  await until("the mark is deleted", async () => (await tablesWith(pool, id)).length === 1);
  expect(await commandLine(({ pool }) => forgetCopy(pool, named))).toBe(true);
  expect(await tablesWith(pool, id)).toEqual([]);

  const giveUp = AbortSignal.timeout(60_000);
  expect(await commandLine((parts) => purge(parts, { giveUp, onStep: () => {} }))).toMatchObject({ left: [] });
  expect(await filesWith(texts)).toEqual([]);
  // The request log has paths, and so the ids in them.
  expect((await filesWith([groupId])).filter((found) => !found.startsWith("logs/"))).toEqual([]);
  // The account's stream and the tombstones contain the id.
  const withId = (await filesWith([id])).filter((found) => !/^(logs|eventstore)\//.test(found));
  expect(withId).toEqual([]);
  await verified();
  expect(await counts()).toEqual(counted);

  const again = await logIn("xiangyun");
  expect(again.reader).toMatchObject({ isNew: true });
  expect(again.reader.id).not.toBe(id);
  expect((await ask(again, "POST", "/v1/auth/logout-everywhere")).body).toEqual({ ended: 1 });
  expect((await ask(undefined, "POST", "/v1/auth/refresh", { refreshToken: again.refreshToken })).status).toBe(401);
  expect((await ask(other, "GET", "/v1/shelf")).body.items).toMatchObject([{ bookId: shared }]);
}, 180_000);
