import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { hostname as osHostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { markErased } from "../../src/auth/erasure/markErased.ts";
import { createHandleCommand } from "../../src/commands/handleCommand.ts";
import { withdrawBook } from "../../src/commands/library/withdrawBook.ts";
import { ownContext } from "../../src/commands/ownContext.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import type { EventStore } from "../../src/event-store/types.ts";
import { uploadEndpoints } from "../../src/http/library/uploads.ts";
import type { ImportDependencies } from "../../src/library-import/importBook.ts";
import { startBookReader } from "../../src/library-import/process/bookReader.ts";
import { claimUpload } from "../../src/library-import/uploads/claims.ts";
import { startImportingUploads } from "../../src/library-import/uploads/importUploads.ts";
import { removeAbandonedBodies } from "../../src/library-import/uploads/uploadBytes.ts";
import { removeAbandoned } from "../../src/library-import/uploads/uploadFolder.ts";
import { uploadsOf } from "../../src/library-import/uploads/uploads.ts";
import { importDependencies } from "../../src/main/importDependencies.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { bearer, startApi, tokens } from "../http/startApi.ts";
import { freshDatabase } from "../support/database.ts";
import { freshEventStore } from "../support/eventStore.ts";
import { eventually } from "../support/waiting.ts";

const logger = createLogger("tests", "silent");
const reader = startBookReader();
let store: Awaited<ReturnType<typeof freshEventStore>>;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let eventStore: EventStore;
let pool: Pool;
let api: Awaited<ReturnType<typeof startApi>>;
let imports: ImportDependencies;
beforeAll(async () => {
  [store, database] = await Promise.all([freshEventStore("the uploaded books must not be there yet"), freshDatabase()]);
  await migrate(database.url, logger);
  eventStore = connectEventStore({ url: store.url, logger });
  pool = createPool({ url: database.url, max: 4, service: "tests", logger });
  api = await startApi(uploadEndpoints(pool));
  // The reading process is started before the first test waits for it.
  for await (const book of reader.read(fileURLToPath(new URL("./faults/T02-unclosed-script.txt", import.meta.url))))
    expect(book.chapters).toHaveLength(3);
  imports = importDependencies(pool, createHandleCommand({ eventStore, logger }), eventStore);
});
afterAll(async () => {
  reader.close();
  await api.close();
  await Promise.all([eventStore.close(), pool.end()]);
  await Promise.all([store.stop(), database.drop()]);
});

const novel = (name: string, text = "正文。") =>
  `《${name}》\n作者：某人\n\n第一章 风起\n　　${text}\n第二章 云涌\n　　又。\n`;
const text = { "content-type": "text/plain; charset=utf-8", authorization: bearer("operator") };

async function upload(body: string | Buffer, query = "", headers: Record<string, string> = {}) {
  const path = `/v1/library/books?${query}`;
  const response = await api.fetch(path, { method: "POST", body, headers: { ...text, ...headers } });
  return { status: response.status, location: response.headers.get("location"), body: await response.json() };
}
type State = { state: string; books: number; written: number; error: string | null; firstBooks: { bookId: string }[] };
async function stateAt(location: string | null): Promise<State> {
  return (await (await api.fetch(location!, { headers: { authorization: bearer("operator") } })).json()) as State;
}
/** Imports waiting uploads until the one at `location` has ended. */
async function imported(location: string | null, deps = imports): Promise<State> {
  const importing = startImportingUploads({
    pool,
    imports: deps,
    logger,
    reader,
    pollIntervalMs: 20,
    leaseSeconds: 10,
  });
  try {
    const ended = ["done", "failed", "needs_decision", "rejected"];
    await eventually(async () => ended.includes((await stateAt(location)).state), true);
    return await stateAt(location);
  } finally {
    await importing.close();
  }
}
/** Bodies in Postgres, of waiting or aborted uploads. */
async function bodiesKept(): Promise<number> {
  const { rows } = await pool.query("SELECT count(DISTINCT body_id)::int AS bodies FROM library_import_parts");
  return rows[0].bodies;
}
/** A folder as an import of this process of this machine leaves it. */
const folderOf = (pid: number) =>
  mkdtempSync(join(tmpdir(), `heima-upload-${osHostname().replace(/\W/g, "_")}-${pid}-`));
async function typesOf(bookId: string): Promise<string[]> {
  const types: string[] = [];
  for await (const { type } of eventStore.readStream(`book-${bookId}`)) types.push(type);
  return types;
}
async function cataloguedAs(bookId: string): Promise<unknown> {
  let last: unknown;
  for await (const { type, data } of eventStore.readStream(`book-${bookId}`))
    if (type === "BookCatalogued") last = data;
  return last;
}
const editionEvents = ["BookCatalogued", "ChaptersPublished", "BookPublished"];

test("an upload is accepted, imported and reported", async () => {
  const accepted = await upload(
    novel("灯"),
    `fileName=${encodeURIComponent("灯.txt")}&category=${encodeURIComponent("童话")}`,
  );
  expect(accepted).toMatchObject({ status: 202, body: { state: "waiting", fileName: "灯.txt", books: 0 } });
  const done = await imported(accepted.location);
  expect(done).toMatchObject({
    state: "done",
    books: 1,
    written: 1,
    error: null,
    firstBooks: [{ title: "灯", author: "某人", chapters: 2, events: editionEvents }],
  });
  expect(await typesOf(done.firstBooks[0]!.bookId)).toEqual(editionEvents);
  expect(await bodiesKept()).toBe(0);
});

test("an upload to a withdrawn book warns that nobody sees it", async () => {
  const first = await imported((await upload(novel("霜"))).location);
  expect(first).toMatchObject({ firstBooks: [{ withdrawn: false }], warnings: [] });
  const { bookId } = first.firstBooks[0]!;
  const handleCommand = createHandleCommand({ eventStore, logger });
  await withdrawBook({ handleCommand }, { bookId, reason: "" }, ownContext({}));
  expect(await imported((await upload(novel("霜"))).location)).toMatchObject({
    state: "done",
    firstBooks: [{ bookId, withdrawn: true }],
    warnings: [`book ${bookId} is withdrawn: \`heima library restore ${bookId}\` shows it again`],
  });
});

test("an upload without a name to a book that is there does not rename it", async () => {
  const bookId = randomUUID().replaceAll("-", "").slice(0, 12);
  await imported((await upload(novel("舟"), `bookId=${bookId}`)).location);
  const before = await cataloguedAs(bookId);
  expect(before).toMatchObject({ title: "舟", author: "某人" });
  const corrected = novel("舟", "改过。").split("\n").slice(2).join("\n");
  const done = await imported((await upload(corrected, `bookId=${bookId}`)).location);
  expect(done).toMatchObject({ state: "done", written: 1 });
  expect(await typesOf(bookId)).toEqual([...editionEvents, "ChaptersPublished", "BookPublished"]);
  expect(await cataloguedAs(bookId)).toEqual(before);
});

test("a file that is no book fails with a reason, and without its path", async () => {
  const { location } = await upload(Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), "fileName=cover.txt");
  const failed = await imported(location);
  expect(failed).toMatchObject({ state: "failed", books: 0 });
  expect(failed.error).toMatch(/^cover\.txt: is a PNG picture/);
});

test("what a killed worker leaves is taken up again, and nothing is written twice", async () => {
  const { location } = await upload(novel("剑"));
  let commands = 0;
  const dying: ImportDependencies = {
    ...imports,
    handleCommand: async (...command) => {
      commands += 1;
      if (commands === 3) throw new Error("died");
      return imports.handleCommand(...command);
    },
  };
  // A claim whose owner stays silent.
  expect((await claimUpload(pool, 1))?.fileName).toBe("upload");
  expect(await claimUpload(pool, 1)).toBeUndefined();
  const done = await imported(location, dying);
  expect(done).toMatchObject({ state: "done", written: 1 });
  expect(commands).toBeGreaterThan(3);
  expect(await typesOf(done.firstBooks[0]!.bookId)).toEqual(editionEvents);
});

test("two workers at once import each upload once", async () => {
  const locations = await Promise.all(["甲", "乙", "丙"].map(async (name) => (await upload(novel(name))).location));
  const states = await Promise.all(locations.map((location) => imported(location)));
  for (const { state, firstBooks } of states) {
    expect(state).toBe("done");
    expect(await typesOf(firstBooks[0]!.bookId)).toEqual(editionEvents);
  }
});

test("the same key is the same upload; with another file it is refused", async () => {
  const key = { "idempotency-key": randomUUID() };
  const first = await upload(novel("书"), "", key);
  expect(await upload(novel("书"), "", key)).toEqual(first);
  expect(await upload(novel("书", "别的。"), "", key)).toMatchObject({
    status: 422,
    body: { code: "idempotency_key_reused" },
  });
  expect(await upload(novel("书"), "title=x", key)).toMatchObject({ status: 422 });
  expect(await bodiesKept()).toBe(1);
  await imported(first.location);
});

test("keeps nothing of an operator who was erased while it arrived, whether the mark is still there or not", async () => {
  const operator = randomUUID();
  const { accessToken } = tokens.issue({ readerId: operator, roles: ["operator"], loginId: randomUUID() });
  const send = () => upload(novel("别"), "fileName=mine.txt", { authorization: `Bearer ${accessToken}` });
  const gone = { status: 401, body: { code: "token_invalid" } };
  expect(await send()).toMatchObject(gone);
  await pool.query("INSERT INTO accounts (reader_id, registered_at, roles) VALUES ($1, now(), '{}')", [operator]);
  const accepted = await send();
  expect(accepted).toMatchObject({ status: 202, body: { fileName: "mine.txt" } });
  await markErased(pool, operator);
  expect(await send()).toMatchObject(gone);
  expect(await uploadsOf(pool, operator)).toHaveLength(1);
  expect(await bodiesKept()).toBe(1);
  await imported(accepted.location);
});

test("of a development token, which has no account, is accepted, unless its reader is erased", async () => {
  const operator = randomUUID();
  const { accessToken } = tokens.issue({ readerId: operator, roles: ["operator"] });
  const send = () => upload(novel("试"), "", { authorization: `Bearer ${accessToken}` });
  const accepted = await send();
  expect(accepted.status).toBe(202);
  await imported(accepted.location);
  await markErased(pool, operator);
  expect((await send()).status).toBe(401);
});

test("is for operators, takes files only, and no names with folders or that no file system takes", async () => {
  const readers = { authorization: bearer("reader", "analyst") };
  expect(await upload("x", "", readers)).toMatchObject({ status: 403, body: { code: "forbidden" } });
  expect(await upload("{}", "", { "content-type": "application/json" })).toMatchObject({ status: 415 });
  expect(await upload("")).toMatchObject({ status: 400, body: { errors: [{ path: "body" }] } });
  for (const name of ["../../etc/passwd", "a\\b", "..", "a\u0000", `${"𠀀".repeat(63)}.txt`]) {
    expect(await upload("x", `fileName=${encodeURIComponent(name)}`)).toMatchObject({
      status: 400,
      body: { errors: [{ path: "fileName" }] },
    });
  }
  const missing = await api.fetch(`/v1/library/imports/${randomUUID()}`, {
    headers: { authorization: bearer("operator") },
  });
  expect(missing.status).toBe(404);
});

test("what would replace another book, or lose text, waits until an operator decides", async () => {
  const bookId = randomUUID().replaceAll("-", "").slice(0, 12);
  const chapters = (name: string) =>
    [1, 2, 3].map((no) => `第${no}章 ${name}${no}\n　　${name.repeat(40 * no)}。`).join("\n");
  const first = await upload(`《山》\n作者：某人\n\n${chapters("山")}`, `bookId=${bookId}`);
  expect(await imported(first.location)).toMatchObject({ state: "done", read: 243, kept: 243, warnings: [] });
  const other = await upload(`《海》\n作者：别人\n\n${chapters("海")}`, `bookId=${bookId}`);
  const waiting = await imported(other.location);
  expect(waiting).toMatchObject({ state: "needs_decision", error: expect.stringContaining("《山》 by 某人") });
  expect(waiting.error).toContain("《海》 by 别人");
  const types = await typesOf(bookId);
  const decide = async (location: string | null, decision: string) =>
    (await (
      await api.fetch(`${location}/${decision}`, { method: "POST", headers: { authorization: bearer("operator") } })
    ).json()) as State;

  expect(await bodiesKept()).toBe(1);
  expect(await decide(other.location, "reject")).toMatchObject({ state: "rejected" });
  expect(await bodiesKept()).toBe(0);
  expect(await decide(other.location, "accept")).toMatchObject({ state: "rejected" });
  expect(await typesOf(bookId)).toEqual(types);

  const again = await upload(`《海》\n作者：别人\n\n${chapters("海")}`, `bookId=${bookId}`);
  expect(await imported(again.location)).toMatchObject({ state: "needs_decision" });
  // The published edition that the operator saw has been replaced.
  const corrected = `${chapters("山")}\n第4章 山4\n　　${"山".repeat(160)}。`;
  const between = await upload(`《山》\n作者：某人\n\n${corrected}`, `bookId=${bookId}`);
  expect(await imported(between.location)).toMatchObject({ state: "done", written: 1 });
  expect(await decide(again.location, "accept")).toMatchObject({ state: "waiting", error: null });
  expect(await imported(again.location)).toMatchObject({ state: "needs_decision" });
  expect(await decide(again.location, "accept")).toMatchObject({ state: "waiting", error: null });
  expect(await imported(again.location)).toMatchObject({ state: "done", firstBooks: [{ bookId, title: "海" }] });
  const reader = await api.fetch(`${again.location}/accept`, {
    method: "POST",
    headers: { authorization: bearer("reader") },
  });
  expect(reader.status).toBe(403);
});

test("a line that is no book is a warning, and a book that needs a decision waits alone", async () => {
  const line = (book: string, no: number, content: string) =>
    JSON.stringify({ book, index: no, title: `第${no}回`, content });
  const book = (name: string, sign: string) =>
    [1, 2, 3].map((no) => line(name, no, `${sign}${no}。`.repeat(20))).join("\n");
  const first = await imported((await upload([book("江", "江"), "{", book("河", "河")].join("\n"))).location);
  expect(first).toMatchObject({ state: "done", books: 2, warnings: ["line 4 is no JSON object"] });
  const { location } = await upload([book("江", "别"), book("湖", "湖")].join("\n"));
  expect(await imported(location)).toMatchObject({
    state: "needs_decision",
    books: 1,
    written: 1,
    firstBooks: [{ title: "湖" }],
    error: expect.stringMatching(/^1 of 2 books were not imported\. 《江》: /),
  });
  await api.fetch(`${location}/accept`, { method: "POST", headers: { authorization: bearer("operator") } });
  expect(await imported(location)).toMatchObject({ state: "done", books: 2, written: 1 });
});

test("large and compressed uploads arrive complete; refused or aborted ones leave nothing", async () => {
  const chapters = Array.from({ length: 40 }, (_, no) => `第${no + 1}章 雨\n${`　　第${no + 1}句。\n`.repeat(2_000)}`);
  const large = `《雨》\n\n${chapters.join("")}`;
  const done = await imported((await upload(large)).location);
  expect(done).toMatchObject({ state: "done", firstBooks: [{ title: "雨", chapters: 40 }] });
  const packed = await upload(gzipSync(large), "title=x", { "content-encoding": "gzip" });
  expect(await imported(packed.location)).toMatchObject({ firstBooks: [{ title: "x", chapters: 40, textsStored: 0 }] });

  expect(await upload(large, "", { "content-encoding": "gzip" })).toMatchObject({
    status: 400,
    body: { errors: [{ path: "body", message: "cannot be unpacked" }] },
  });
  expect(await upload(large, "", { "content-encoding": "pkzip" })).toMatchObject({ status: 415 });
  const tooLarge = Buffer.alloc(32 * 1024 * 1024 + 1, "x");
  expect(await upload(tooLarge)).toMatchObject({ status: 413, body: { code: "body_too_large" } });
  const bomb = await upload(gzipSync(tooLarge), "", { "content-encoding": "gzip" });
  expect(bomb).toMatchObject({ status: 413, body: { code: "body_too_large" } });

  const { hostname, port } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST /v1/library/books HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nAuthorization: ${text.authorization}\r\n` +
      "Content-Length: 9999999\r\n\r\n",
  );
  socket.write(Buffer.alloc(3_000_000, "x"));
  await eventually(bodiesKept, 1);
  socket.destroy();
  await eventually(bodiesKept, 0);
});

test("bytes and folders of uploads that died are removed, those of the living stay", async () => {
  const waiting = await upload(novel("风"));
  await pool.query("INSERT INTO library_import_parts (body_id, no, bytes) VALUES ($1, 0, 'x')", [randomUUID()]);
  const old = "UPDATE library_import_parts SET stored_at = now() - interval '20 minutes'";
  await removeAbandonedBodies(pool);
  expect(await bodiesKept()).toBe(2);
  await pool.query(old);
  await removeAbandonedBodies(pool);
  expect(await bodiesKept()).toBe(1);
  expect(await imported(waiting.location)).toMatchObject({ state: "done" });

  const gone = spawnSync("true").pid;
  const [dead, ours, alive] = [folderOf(gone), folderOf(process.pid), folderOf(process.ppid)];
  await removeAbandoned();
  expect([dead, ours, alive].map((path) => existsSync(path))).toEqual([false, false, true]);
  rmSync(alive, { recursive: true });
});

test.runIf(process.platform === "linux")(
  "a folder of a process of which only a zombie is left is removed",
  async () => {
    const parent = spawn("sh", ["-c", "sleep 600 & echo $!; exec sleep 600"], { stdio: ["ignore", "pipe", "ignore"] });
    const of = (pid: number | undefined, name: string) => readFile(`/proc/${pid}/${name}`, "utf8");
    try {
      const pid = Number.parseInt(String((await once(parent.stdout, "data"))[0]), 10);
      // The shell becomes a sleep, which waits for no child.
      await eventually(() => of(parent.pid, "comm"), "sleep\n");
      process.kill(pid, "SIGKILL");
      await eventually(async () => (await of(pid, "stat")).includes(") Z "), true);
      const left = folderOf(pid);
      await removeAbandoned();
      expect(existsSync(left)).toBe(false);
    } finally {
      parent.kill("SIGKILL");
    }
  },
);
