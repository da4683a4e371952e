import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AccountGone } from "../../src/auth/accountGone.ts";
import { type ErasedReaders, watchErasedReaders } from "../../src/auth/erasure/erasedReaders.ts";
import {
  type EraseDependencies,
  erasePending,
  erasureLock,
  startErasing,
} from "../../src/auth/erasure/erasePending.ts";
import { erasureSteps } from "../../src/auth/erasure/eraseReader.ts";
import { createFailedErasures } from "../../src/auth/erasure/failedErasures.ts";
import { markErased } from "../../src/auth/erasure/markErased.ts";
import { login } from "../../src/auth/login.ts";
import { saveProfile } from "../../src/auth/profile/profiles.ts";
import { createRefreshTokens } from "../../src/auth/refreshTokens.ts";
import { createHandleCommand } from "../../src/commands/handleCommand.ts";
import { accountStream } from "../../src/domain/account/stream.ts";
import { shelfStream } from "../../src/domain/shelf/stream.ts";
import { streamsOfReader } from "../../src/domain/streams.ts";
import { InvalidEvent } from "../../src/event-store/codec.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { StreamDeleted } from "../../src/event-store/errors.ts";
import type { EventStore, EventToAppend } from "../../src/event-store/types.ts";
import { eraseAll } from "../../src/main/purge.ts";
import { withAdvisoryLock } from "../../src/platform/advisoryLock.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { connectRedis, type Redis } from "../../src/platform/redis.ts";
import { listCopies } from "../../src/replay/copies.ts";
import { newContext } from "../commands/fixtures.ts";
import { tokens } from "../http/startApi.ts";
import { freshDatabase } from "../support/database.ts";
import { freshEventStore } from "../support/eventStore.ts";
import { redisUrl } from "../support/redis.ts";
import { eventually } from "../support/waiting.ts";

const logger = createLogger("test", "silent");
const books = ["hongloumeng0", "xiyouji00000", "sanguoyanyi0"];

let database: Awaited<ReturnType<typeof freshDatabase>>;
let server: Awaited<ReturnType<typeof freshEventStore>>;
let pool: Pool;
let eventStore: EventStore;
let reader: string;
let openid: string;
let forgotten: string[];
let scavenging: boolean;

beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url, max: 8, service: "test", logger });
  server = await freshEventStore();
  eventStore = connectEventStore({ url: server.url, logger });
});
afterAll(async () => {
  await eventStore?.close();
  await server?.stop();
  await pool?.end();
  await database?.drop();
});

const newProcess = (over: Partial<EventStore> = {}) =>
  createHandleCommand({ eventStore: { ...eventStore, ...over }, logger });
const depsOf = (over: Partial<EventStore> = {}): EraseDependencies => ({
  pool,
  logger,
  eventStore: { ...eventStore, ...over },
  handleCommand: newProcess(over),
  sessionKeys: { forget: async (readerId) => void forgotten.push(readerId) },
  scavengeUnderWay: async () => scavenging,
});

beforeEach(async () => {
  await pool.query("TRUNCATE accounts CASCADE");
  [reader, openid, forgotten, scavenging] = [randomUUID(), `o-${randomUUID()}`, [], false];
  await pool.query("INSERT INTO accounts (reader_id, openid, registered_at) VALUES ($1, $2, now())", [reader, openid]);
  await createRefreshTokens({ pool, lifetimeDays: 30 }).issue(reader);
  await saveProfile(pool, reader, profile);
  const handleCommand = newProcess();
  await handleCommand(accountStream, reader, { type: "RegisterReader", via: "wechat" }, newContext());
  for (const bookId of books) await shelve(bookId, handleCommand);
});

const profile = {
  nickname: "湘云",
  avatarUrl: null,
  gender: null,
  profileId: randomUUID(),
  watermarkAt: new Date(0),
};
const shelve = (bookId: string, handleCommand = newProcess()) =>
  handleCommand(shelfStream, reader, { type: "AddBookToShelf", bookId, capacity: 100 }, newContext());

/** The events of the reader in the log, deleted streams too, by type. */
async function logged(): Promise<Record<string, number>> {
  const types: Record<string, number> = {};
  for await (const { stream, type } of eventStore.readAll({ categories: ["shelf", "account"] }))
    if (stream.endsWith(reader) && !type.startsWith("$")) types[type] = (types[type] ?? 0) + 1;
  return types;
}
const whole = { ReaderRegistered: 1, BookAddedToShelf: 3, BookRemovedFromShelf: 3, ReaderErased: 1 };

const isDeleted = async (stream: string) => {
  try {
    for await (const _ of eventStore.readStream(stream)) return false;
    return false;
  } catch (error) {
    return error instanceof StreamDeleted;
  }
};

/** Nothing but the mark and the account's stream is left. */
async function requireErased(): Promise<void> {
  for (const stream of streamsOfReader(reader)) expect(await isDeleted(stream)).toBe(!stream.startsWith("account-"));
  const { rows } = await pool.query("SELECT openid, roles, forgotten_at FROM accounts WHERE reader_id = $1", [reader]);
  expect(rows).toEqual([{ openid: null, roles: [], forgotten_at: expect.any(Date) }]);
  for (const table of ["profiles", "refresh_families"])
    expect((await pool.query(`SELECT FROM ${table} WHERE reader_id = $1`, [reader])).rowCount).toBe(0);
  expect(forgotten).toContain(reader);
}

test("a marked reader is erased: removals, deleted streams, and the event last", async () => {
  await markErased(pool, reader);
  expect(await erasePending(depsOf())).toEqual({ erased: 1, waiting: 0 });
  await requireErased();
  expect(await logged()).toEqual(whole);
  expect(await erasePending(depsOf())).toEqual({ erased: 0, waiting: 0 });
  await markErased(pool, reader);
  expect(await erasePending(depsOf())).toEqual({ erased: 0, waiting: 0 });
  expect(await logged()).toEqual(whole);
});

test("the pseudonym goes, and the copies of events that hold the reader are noted", async () => {
  const exportId = randomUUID();
  await pool.query("INSERT INTO replay_pseudonyms VALUES ($1, 'af01', '', 'k1')", [reader]);
  await pool.query(
    `INSERT INTO replay_exports (export_id, requested_by, place, format, up_to_position, filters) VALUES ($1, 'li', 'x', 'csv', 1, '{}')`,
    [exportId],
  );
  await pool.query("INSERT INTO replay_export_readers VALUES ($1, 'af01'), ($1, 'af02')", [exportId]);
  await markErased(pool, reader);
  await erasePending(depsOf());
  expect((await pool.query("SELECT FROM replay_pseudonyms WHERE reader_id = $1", [reader])).rowCount).toBe(0);
  expect((await listCopies(pool, true)).map((copy) => [copy.exportId, copy.erased])).toEqual([[exportId, ["af01"]]]);
});

test("one who has nothing, not even an account, is erased too, and can write nothing afterwards", async () => {
  reader = randomUUID();
  await markErased(pool, reader);
  expect(await erasePending(depsOf())).toMatchObject({ waiting: 0 });
  expect(await logged()).toEqual({ ReaderErased: 1 });
  await expect(shelve("hongloumeng0")).rejects.toThrow(StreamDeleted);
});

describe("a process that ends", () => {
  const names = erasureSteps({ ...depsOfNothing(), requireHeld: () => {} }, "").map(({ name }) => name);
  test.each(names.map((name, done) => [name, done] as const))(
    "before %s: the next one does the rest",
    async (_, done) => {
      await markErased(pool, reader);
      const steps = erasureSteps({ ...depsOf(), requireHeld: () => {} }, reader);
      for (const { run } of steps.slice(0, done)) await run();
      await erasePending(depsOf());
      await requireErased();
      expect(await logged()).toEqual(whole);
    },
  );

  test("between a removal and the deletion, or when the answer to it is lost", async () => {
    await markErased(pool, reader);
    const tombstone = async () => Promise.reject(new Error("killed"));
    expect(await erasePending(depsOf({ tombstone }))).toEqual({ erased: 0, waiting: 1 });
    const lost: EventStore["tombstone"] = async (...args) => {
      await eventStore.tombstone(...args);
      throw new Error("no answer");
    };
    for (let pass = 0; pass < streamsOfReader(reader).length; pass++) await erasePending(depsOf({ tombstone: lost }));
    await requireErased();
    expect(await logged()).toEqual(whole);
  });

  function depsOfNothing() {
    return { pool: undefined, eventStore: undefined, handleCommand: undefined } as unknown as EraseDependencies;
  }
});

test("a command that comes between the removals and the deletion is removed too", async () => {
  await markErased(pool, reader);
  let late = 1;
  const tombstone: EventStore["tombstone"] = async (stream, expected) => {
    if (stream.startsWith("shelf-") && late-- > 0) await shelve("rulinwaishi0");
    return eventStore.tombstone(stream, expected);
  };
  expect(await erasePending(depsOf({ tombstone }))).toEqual({ erased: 1, waiting: 0 });
  expect(await logged()).toEqual({ ...whole, BookAddedToShelf: 4, BookRemovedFromShelf: 4 });
  await requireErased();
});

describe("a stream with an event that does not match its schema", () => {
  const write = async (stream: string, type: string, revision: bigint, data: unknown) => {
    const metadata = { schemaVersion: 1 } as unknown as EventToAppend["metadata"];
    await eventStore.append(stream, revision, [{ id: randomUUID(), type, data, metadata }] as EventToAppend[]);
  };

  test("of a shelf is erased: the books of the other events are removed, wherever it stands", async () => {
    await write(`shelf-${reader}`, "BookAddedToShelf", 2n, { bookId: "not an id" });
    await write(`shelf-${reader}`, "BookAddedToShelf", 3n, { bookId: "rulinwaishi0" });
    await markErased(pool, reader);
    await expect(shelve("fengshenyany")).rejects.toThrow(InvalidEvent);
    expect(await erasePending(depsOf())).toEqual({ erased: 1, waiting: 0 });
    await requireErased();
    expect(await logged()).toEqual({ ...whole, BookAddedToShelf: 5, BookRemovedFromShelf: 4 });
  });

  test("is erased also when it is the last, a process ended before the deletion, or a command came in between", async () => {
    await write(`shelf-${reader}`, "BookAddedToShelf", 2n, { bookId: "not an id" });
    await markErased(pool, reader);
    const dying = async () => Promise.reject(new Error("killed"));
    expect(await erasePending(depsOf({ tombstone: dying }))).toEqual({ erased: 0, waiting: 1 });
    let late = 1;
    const tombstone: EventStore["tombstone"] = async (stream, expected) => {
      if (stream.startsWith("shelf-") && late-- > 0)
        await write(stream, "BookAddedToShelf", expected as bigint, { bookId: "rulinwaishi0" });
      return eventStore.tombstone(stream, expected);
    };
    expect(await erasePending(depsOf({ tombstone }))).toEqual({ erased: 1, waiting: 0 });
    expect(await logged()).toEqual({ ...whole, BookAddedToShelf: 5, BookRemovedFromShelf: 4 });
  });

  test("of an account has the erasure recorded", async () => {
    await write(`account-${reader}`, "ReaderProfileChanged", 0n, {});
    await markErased(pool, reader);
    expect(await erasePending(depsOf())).toEqual({ erased: 1, waiting: 0 });
    await requireErased();
    expect(await logged()).toEqual({ ...whole, ReaderProfileChanged: 1 });
  });
});

describe("a reader who cannot be erased", () => {
  /** The streams of the reader of `beforeEach` cannot be deleted. */
  const failing = (tries: string[] = []) => {
    const tombstone: EventStore["tombstone"] = async (stream, expected) => {
      if (!stream.endsWith(reader)) return eventStore.tombstone(stream, expected);
      tries.push(stream);
      throw new Error("broken");
    };
    return depsOf({ tombstone });
  };

  test("is tried again later and later, and others are erased meanwhile", async () => {
    let now = 0;
    const failed = createFailedErasures(() => now);
    const tries: string[] = [];
    await markErased(pool, reader);
    const triedAt: number[] = [];
    for (let second = 0; second <= 200; second++) {
      now = second * 1_000;
      const before = tries.length;
      expect(await erasePending(failing(tries), failed)).toEqual({ erased: 0, waiting: 1 });
      if (tries.length > before) triedAt.push(second);
    }
    expect(triedAt).toEqual([0, 2, 6, 14, 30, 62, 122, 182]);
    const other = randomUUID();
    await markErased(pool, other);
    expect(await erasePending(failing(tries), failed)).toEqual({ erased: 1, waiting: 1 });
    now += 60_000;
    expect(await erasePending(depsOf(), failed)).toEqual({ erased: 1, waiting: 0 });
    expect(failed.since(1)).toEqual([]);
  });

  test("is named by a purge, which ends when all others are erased", async () => {
    const other = randomUUID();
    for (const readerId of [reader, other]) await markErased(pool, readerId);
    // Each check is an hour later.
    let now = 0;
    const failed = createFailedErasures(() => (now += 3_600_000));
    const purging = eraseAll(failing(), { giveUp: new AbortController().signal, onStep: () => {} }, failed);
    await expect(purging).rejects.toThrow(`readers who cannot be erased:\n  ${reader}: broken`);
    const { rows } = await pool.query("SELECT reader_id FROM accounts WHERE forgotten_at IS NOT NULL");
    expect(rows).toEqual([{ reader_id: other }]);
  });
});

test("two at once: one erases, the other has nothing to do", async () => {
  await markErased(pool, reader);
  const passes = await Promise.all([erasePending(depsOf()), erasePending(depsOf())]);
  expect(passes.filter((pass) => pass?.erased === 1)).toHaveLength(1);
  expect(await logged()).toEqual(whole);
});

test("while a scavenge is under way the log is left alone, and all else is forgotten", async () => {
  await markErased(pool, reader);
  scavenging = true;
  expect(await erasePending(depsOf())).toEqual({ erased: 0, waiting: 1 });
  expect(await logged()).toEqual({ ReaderRegistered: 1, BookAddedToShelf: 3 });
  expect((await pool.query("SELECT FROM profiles")).rowCount).toBe(0);
  scavenging = false;
  expect(await erasePending(depsOf())).toEqual({ erased: 1, waiting: 0 });
  await requireErased();
});

test("who begins a scavenge waits for the erasure that runs", async () => {
  const held = withAdvisoryLock(pool, erasureLock, () => erasePending(depsOf()));
  expect(await held).toBeUndefined();
  expect(await withAdvisoryLock(pool, erasureLock, async () => "begun", 1_000)).toBe("begun");
});

test("the mark is removed when no token can need it any more, together with late data", async () => {
  await markErased(pool, reader);
  await erasePending(depsOf());
  await erasePending(depsOf());
  expect((await pool.query("SELECT FROM accounts")).rowCount).toBe(1);
  await pool.query("UPDATE accounts SET forgotten_at = now() - interval '21 minutes'");
  forgotten = [];
  const [replay, upload] = [randomUUID(), randomUUID()];
  const request = "INSERT INTO replays (replay_id, analyst, request, state) VALUES ($1, $2, '{}', 'waiting')";
  await pool.query(request, [replay, reader]);
  const file = `INSERT INTO library_imports (id, requested_by, request_hash, file_name, options)
                VALUES ($1, $2, '', 'a.txt', '{}')`;
  await pool.query(file, [upload, reader]);
  await erasePending(depsOf());
  expect((await pool.query("SELECT FROM accounts")).rowCount).toBe(0);
  expect(forgotten).toEqual([reader]);
  const replays = await pool.query("SELECT analyst, state FROM replays WHERE replay_id = $1", [replay]);
  expect(replays.rows).toEqual([{ analyst: "erased", state: "cancelled" }]);
  const uploads = await pool.query("SELECT requested_by AS by FROM library_imports WHERE id = $1", [upload]);
  expect(uploads.rows).toEqual([{ by: "erased" }]);
});

test("what is under way when the account is marked leaves nothing behind", async () => {
  await markErased(pool, reader);
  const saved = saveProfile(pool, reader, { ...profile, watermarkAt: new Date() });
  await expect(saved).rejects.toThrow(AccountGone);
  expect((await pool.query("SELECT nickname FROM profiles WHERE watermark_at > 'epoch'")).rowCount).toBe(0);
  const refreshTokens = createRefreshTokens({ pool, lifetimeDays: 30 });
  await expect(refreshTokens.issue(reader)).rejects.toThrow(AccountGone);
});

const logIn = (handleCommand = newProcess()) =>
  login(
    {
      pool,
      handleCommand,
      tokens,
      refreshTokens: createRefreshTokens({ pool, lifetimeDays: 30 }),
      code2Session: async () => ({ openid, sessionKey: "key" }),
      sessionKeys: { save: async () => {}, load: async () => undefined },
    },
    { code: "code", userAgent: undefined },
    newContext(),
  );

test("who logs in again is a new reader, also when an older Postgres was restored", async () => {
  await markErased(pool, reader);
  await erasePending(depsOf());
  const again = await logIn();
  expect(again).toMatchObject({ isNew: true });
  expect(again.readerId).not.toBe(reader);
  await pool.query("TRUNCATE accounts CASCADE");
  await pool.query("INSERT INTO accounts (reader_id, openid, registered_at) VALUES ($1, $2, now())", [reader, openid]);
  const restored = await logIn();
  expect(restored).toMatchObject({ isNew: true });
  expect(restored.readerId).not.toBe(reader);
  await erasePending(depsOf());
  await requireErased();
});

test("a refresh of an erased reader is refused as such", async () => {
  const refreshTokens = createRefreshTokens({ pool, lifetimeDays: 30 });
  const token = await refreshTokens.issue(reader);
  await markErased(pool, reader);
  await expect(refreshTokens.rotate(token)).rejects.toMatchObject({ code: "reader_erased" });
});

test("a worker erases as readers are marked, and every API process knows of them", async () => {
  const url = await redisUrl();
  const [redis, ...subscribers] = Array.from({ length: 3 }, () => connectRedis({ url, blocking: true, logger })) as [
    Redis,
    Redis,
    Redis,
  ];
  const told: string[] = [];
  const forget = (readerId: string) => void told.push(readerId);
  const [here, there] = subscribers.map((subscriber) =>
    watchErasedReaders({ pool, redis, subscriber, forget, logger }),
  ) as [ErasedReaders, ErasedReaders];
  const erasing = startErasing(depsOf(), 20);
  try {
    for (const one of [here, there]) await eventually(() => one.has(reader), false);
    await markErased(pool, reader);
    await there.add(reader);
    expect(there.has(reader)).toBe(true);
    await eventually(() => here.has(reader), true);
    await eventually(async () => (await logged()).ReaderErased, 1);
    await eventually(() => requireErased().then(() => true), true);
    expect(told).toEqual([reader, reader]);
  } finally {
    await erasing.close();
    for (const one of [here, there]) one.close();
    for (const connection of [redis, ...subscribers]) connection.disconnect();
  }
});

test("a purge that waits for a scavenge which has not ended says so, once, and how to go on", async () => {
  scavenging = true;
  await markErased(pool, reader);
  const giveUp = new AbortController();
  const steps: string[] = [];
  let looks = 0;
  const scavengeUnderWay = async () => {
    if (++looks === 6) giveUp.abort("interrupted");
    return scavenging;
  };
  const erasing = eraseAll(
    { ...depsOf(), scavengeUnderWay },
    { giveUp: giveUp.signal, onStep: (step) => steps.push(step) },
  );
  await expect(erasing).rejects.toThrow("interrupted, readers are still to be erased");
  expect(steps).toEqual([expect.stringMatching(/scavenge that has begun and not ended.*heima scavenge --force$/)]);
  scavenging = false;
  await eraseAll(depsOf(), { giveUp: new AbortController().signal, onStep: (step) => steps.push(step) });
  expect(steps).toHaveLength(1);
});
