import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { uploadsCheck } from "../../src/doctor/uploads.ts";
import type { ImportDependencies } from "../../src/library-import/importBook.ts";
import { NeedsDecision } from "../../src/library-import/needsDecision.ts";
import { type ParsedBook, UnusableBookFile } from "../../src/library-import/parsedBook.ts";
import { type BookReader, startBookReader } from "../../src/library-import/process/bookReader.ts";
import { errorOfEnd } from "../../src/library-import/process/ends.ts";
import { readBooks } from "../../src/library-import/readBooks.ts";
import {
  type Claim,
  claimUpload,
  finishUpload,
  keepUpload,
  releaseUpload,
} from "../../src/library-import/uploads/claims.ts";
import { acceptDecision, awaitDecision } from "../../src/library-import/uploads/decisions.ts";
import { startImportingUploads } from "../../src/library-import/uploads/importUploads.ts";
import { startProgress } from "../../src/library-import/uploads/progress.ts";
import { storeBody } from "../../src/library-import/uploads/uploadBytes.ts";
import { acceptUpload, uploadState } from "../../src/library-import/uploads/uploads.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { freshDatabase } from "../support/database.ts";
import { startedFromNow } from "../support/processes.ts";
import { until } from "../support/waiting.ts";

const logger = createLogger("tests", "silent");
let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.url, logger);
  pool = createPool({ url: database.url, max: 8, service: "tests", logger });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

afterEach(() => pool.query("TRUNCATE library_imports, library_import_parts"));

/** A library that accepts every command. */
const imports: ImportDependencies = {
  handleCommand: async () => ({
    outcome: "appended",
    position: null,
    revision: null,
    events: ["BookPublished"],
    consistencyToken: null,
  }),
  storeTexts: async (texts) => texts.length,
  storeCover: async () => "",
  publishedChapters: async () => ({ edition: 0, chapters: [] }),
  bookOfFile: async () => undefined,
  rememberFile: async () => {},
};
const here: BookReader = { read: readBooks, close() {} };
/** Reads with `read`, which gets a signal to stop. */
const readerBy = (read: (signal: AbortSignal | undefined) => Promise<ParsedBook>): BookReader => ({
  async *read(_path, _options, signal) {
    yield await read(signal);
  },
  close() {},
});
const novel = "《灯》\n作者：某人\n\n第一章 风起\n　　正文。\n第二章 云涌\n　　又。\n";

async function accepted(text = novel): Promise<string> {
  const id = randomUUID();
  const body = await storeBody(
    pool,
    (async function* () {
      yield Buffer.from(text);
    })(),
  );
  const requestedBy = randomUUID();
  const upload = { id, requestedBy, loggedIn: false, requestHash: "h", fileName: "灯.txt", options: {}, body };
  expect(await acceptUpload(pool, upload)).toBe("accepted");
  return id;
}
const row = async (id: string) => (await pool.query("SELECT * FROM library_imports WHERE id = $1", [id])).rows[0];
async function hasBytes(id: string): Promise<boolean> {
  const text = "SELECT FROM library_import_parts JOIN library_imports USING (body_id) WHERE id = $1";
  return (await pool.query(text, [id])).rowCount === 1;
}
/** As if the importer had been silent for the time of its lease, or the pause before the next attempt were over. */
const passTime = (id: string) => pool.query("UPDATE library_imports SET lease_until = now() WHERE id = $1", [id]);
const claimed = async () => (await claimUpload(pool, 60))!;
function importing(reader: BookReader, library = imports) {
  return startImportingUploads({ pool, imports: library, logger, reader, pollIntervalMs: 20, leaseSeconds: 60 });
}
async function importedBy(reader: BookReader, id: string) {
  const importer = importing(reader);
  await until("the upload has ended", async () => (await row(id)).finished_at !== null);
  await importer.close();
  return row(id);
}

const progress = { ...startProgress(), books: 7, warnings: ["a\0b\ud800"] };
const writes: Record<string, (claim: Claim) => Promise<boolean>> = {
  "the progress": (claim) => keepUpload(pool, claim, progress, 60),
  "that it is done": (claim) => finishUpload(pool, claim, progress, null),
  "that it failed": (claim) => finishUpload(pool, claim, progress, "is \0 no book"),
  "that it needs a decision": (claim) => awaitDecision(pool, claim, new NeedsDecision("\0?", "--force"), progress),
  "that it broke off": (claim) => releaseUpload(pool, claim, 0),
  "that it was interrupted": (claim) => releaseUpload(pool, claim, 0, "interrupted"),
};

test.each(Object.entries(writes))("an importer writes %s only while its claim holds", async (_, write) => {
  const id = await accepted();
  const early = await claimed();
  await passTime(id);
  const late = await claimed();
  expect([early.id, late.id]).toEqual([id, id]);
  const before = await row(id);
  expect(await write(early)).toBe(false);
  expect(await row(id)).toEqual(before);
  expect(await hasBytes(id)).toBe(true);
  expect(await write(late)).toBe(true);
  expect(await row(id)).not.toEqual(before);
});

test("no later claim is like an earlier one, whatever lies between", async () => {
  const id = await accepted();
  const claims = [await claimed()];
  await releaseUpload(pool, claims[0]!, 0, "interrupted");
  claims.push(await claimed());
  await awaitDecision(pool, claims[1]!, new NeedsDecision("?", "--force"), progress);
  await acceptDecision(pool, id);
  claims.push(await claimed());
  expect(claims.map(({ counted }) => counted)).toEqual([1, 1, 1]);
  for (const claim of claims.slice(0, 2)) expect(await keepUpload(pool, claim, progress, 60)).toBe(false);
  expect(await finishUpload(pool, claims[2]!, progress, null)).toBe(true);
  expect(await uploadState(pool, id)).toMatchObject({ state: "done", books: 7, warnings: ["ab"] });
});

test("what a suspended importer finds out later changes nothing about an upload that another has imported", async () => {
  const id = await accepted();
  let [hasBegun, isAwake] = [false, false];
  const suspended = importing(
    readerBy(async () => {
      hasBegun = true;
      await until("it wakes", () => isAwake);
      throw new UnusableBookFile("takes too long");
    }),
  );
  await until("the file is read", () => hasBegun);
  await passTime(id);
  expect(await importedBy(here, id)).toMatchObject({ state: "done", error: null, written: 1 });
  const done = await row(id);
  isAwake = true;
  await suspended.close();
  expect(await row(id)).toEqual(done);
});

test("an importer whose claim has ended stops", async () => {
  const id = await accepted();
  let reading: AbortSignal | undefined;
  const losing = importing(
    readerBy(async (signal) => {
      reading = signal;
      await until("it is stopped", () => signal?.aborted === true);
      throw signal?.reason;
    }),
  );
  await until("the file is read", () => reading !== undefined);
  await passTime(id);
  const claim = await claimed();
  await until("the importer notices", () => reading?.aborted === true);
  await losing.close();
  expect(await finishUpload(pool, claim, progress, null)).toBe(true);
});

describe("a file whose reading the machine breaks off", () => {
  const killed = () => errorOfEnd("/tmp/heima-upload-x/灯.txt", { exitCode: null, signalCode: "SIGKILL" }, 8_000);

  test("is read again after a pause, and fails the third time, with the true reason", async () => {
    const id = await accepted();
    const broken = importing(readerBy(() => Promise.reject(killed())));
    for (const times of [1, 2]) {
      const isReleased = async () => (await row(id)).state === "waiting" && (await row(id)).broken_readings === times;
      await until(`it broke off ${times} times`, isReleased);
      expect(await row(id)).toMatchObject({ error: null, finished_at: null });
      expect((await row(id)).lease_until.getTime()).toBeGreaterThan((await row(id)).created_at.getTime() + 30_000);
      expect(await hasBytes(id)).toBe(true);
      expect(await uploadsCheck(pool).run(AbortSignal.timeout(60_000))).toEqual({
        status: "ok",
        message: "1 wait, 0 are imported",
      });
      await passTime(id);
    }
    await until("it failed", async () => (await row(id)).state === "failed");
    await broken.close();
    expect((await row(id)).error).toMatch(
      /^灯\.txt: the process that reads files was ended by SIGKILL, 3 times; upload it/,
    );
    expect(await hasBytes(id)).toBe(false);
  });

  test("is imported when it is let", async () => {
    const id = await accepted();
    let readings = 0;
    const reader: BookReader = {
      async *read(path) {
        readings += 1;
        if (readings < 3) throw killed();
        yield* readBooks(path);
      },
      close() {},
    };
    const importer = importing(reader);
    for (const times of [1, 2]) {
      await until(`it broke off ${times} times`, async () => (await row(id)).broken_readings === times);
      await passTime(id);
    }
    await until("the upload has ended", async () => (await row(id)).finished_at !== null);
    await importer.close();
    expect(await row(id)).toMatchObject({ state: "done", error: null, books: 1 });
  });

  test("is imported although the process that reads it was killed in the middle", async () => {
    const lines = Array.from({ length: 250 }, (_, no) => JSON.stringify({ id: no + 1, title: `书${no}` }));
    const id = await accepted(lines.join("\n"));
    const { started, stop } = startedFromNow();
    let commands = 0;
    const handleCommand: ImportDependencies["handleCommand"] = (...command) => {
      commands += 1;
      if (commands === 1) started[0]!.kill("SIGKILL");
      return imports.handleCommand(...command);
    };
    const reader = startBookReader();
    const importer = importing(reader, { ...imports, handleCommand });
    await until("it broke off", async () => (await row(id)).broken_readings === 1);
    await passTime(id);
    await until("the upload has ended", async () => (await row(id)).finished_at !== null);
    await importer.close();
    reader.close();
    stop();
    expect(await row(id)).toMatchObject({ state: "done", error: null, books: 250 });
  });
});
