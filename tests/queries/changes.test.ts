import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isRefusal } from "../../src/domain/decider.ts";
import type { DomainEvent } from "../../src/domain/event.ts";
import { type HistoryCommand, historyDecider } from "../../src/domain/history/decider.ts";
import { shelfDecider } from "../../src/domain/shelf/decider.ts";
import { manualOrder } from "../../src/domain/shelf/shelf.ts";
import type { RecordedEvent } from "../../src/event-store/types.ts";
import { changesEndpoints } from "../../src/http/sync/changes.ts";
import { decodeSyncToken, encodeSyncToken, eventFingerprint } from "../../src/http/sync/syncToken.ts";
import type { IsInLog } from "../../src/http/sync/tokenLogCheck.ts";
import { applyBatch } from "../../src/projections/engine/apply/applyBatch.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import type { ReadModelName } from "../../src/projections/registry.ts";
import { readModelOf } from "../../src/projections/registry.ts";
import { anyShelfCommand, someBooks } from "../domain/shelfCommands.ts";
import { startApi, tokens } from "../http/startApi.ts";
import { batchOf, codec, recorded } from "../projections/fixtures.ts";
import { freshStore, type Store } from "../projections/store.ts";

const names = ["changes", "shelf", "places", "history", "preferences"] as const;

let store: Store;
let builds: ReadonlyMap<ReadModelName, Build>;
let api: Awaited<ReturnType<typeof startApi>>;
/** The same with three changes per page. */
let apiOfShortPages: typeof api;
/** The position that each read model has reached. */
const reached = new Map<string, bigint>();
/** In which read models events of the reader are parked. */
let parkedIn: readonly ReadModelName[] = [];
let now = new Date("2026-03-10T12:00:00Z");
/** The current log, its end, how often it was read, and the log of the builds. */
let logName = "log";
let logEnd = 2n ** 63n;
let logReads = 0;
let buildOfLog = "log";
const idIn = (log: string, position: bigint) => `event ${position} of ${log}`;

beforeAll(async () => {
  store = await freshStore();
  const made: [ReadModelName, Build][] = [];
  for (const name of names) made.push([name, await store.build(readModelOf(name))]);
  builds = new Map(made);
  const appliedUpTo = () => {
    const known = names.filter((name) => !parkedIn.includes(name));
    return new Map(
      known.map((name) => {
        const position = reached.get(name) ?? -1n;
        return [name, { position, eventId: idIn(logName, position), build: `${name} of ${buildOfLog}` }];
      }),
    );
  };
  /** A log in which each event's id contains the name of the log. */
  const isInLog: IsInLog = async (position, isSame) => {
    logReads++;
    if (logName === "away") throw new Error("the event store is away");
    return position <= logEnd && isSame(idIn(logName, position));
  };
  api = await startApi(changesEndpoints({ pool: store.pool, appliedUpTo, isInLog }, () => now));
  apiOfShortPages = await startApi(
    changesEndpoints({ pool: store.pool, appliedUpTo, isInLog, pageSize: 3 }, () => now),
  );
});
afterAll(async () => {
  await api.close();
  await apiOfShortPages.close();
  await store.close();
});

/**
 * Applies the events after a read model's position, up to an event of the log, with the engine's own code. As in the engine a read
 * model stays at the last event of its own, however many others follow.
 */
async function apply(name: ReadModelName, log: readonly RecordedEvent[], upTo: number) {
  const build = builds.get(name)!;
  const before = reached.get(name) ?? -1n;
  const more = log.slice(0, upTo).filter(({ position }) => position > before);
  if (more.length === 0) return;
  const own = more.filter(({ stream }) => build.readModel.categories.some((one) => stream.startsWith(`${one}-`)));
  if (own.length === 0) return;
  await applyBatch(store.store, codec, build, batchOf(build, 0, await checkpoint(build), own));
  reached.set(name, own.at(-1)!.position);
}
const checkpoint = async (build: Build) => (await store.store.checkpoints(build))[0]?.position ?? -1n;

type Page = {
  items: { kind: string; key: string; value: Record<string, unknown> | null }[];
  token: string;
  more: boolean;
};
const ask = (readerId: string, since: string | undefined, at = api) => {
  const { accessToken } = tokens.issue({ readerId, roles: ["reader"] });
  const headers = { authorization: `Bearer ${accessToken}` };
  return at.fetch(`/v1/changes${since === undefined ? "" : `?since=${since}`}`, { headers });
};
async function changes(readerId: string, since?: string, at = api): Promise<Page> {
  const response = await ask(readerId, since, at);
  expect(response.status).toBe(200);
  return (await response.json()) as Page;
}

/** A client that was offline: its data, and the token of its last answer. `betweenPages` runs before each further page. */
function client(readerId: string, at = api, betweenPages: () => Promise<void> = async () => {}) {
  const kept = new Map<string, Record<string, unknown>>();
  let token: string | undefined;
  return {
    kept,
    token: () => token,
    async sync() {
      for (let pages = 0; pages < 50; pages++) {
        if (pages > 0) await betweenPages();
        const { items, token: next, more } = await changes(readerId, token, at);
        for (const { kind, key, value } of items) {
          if (value === null) kept.delete(`${kind} ${key}`);
          else kept.set(`${kind} ${key}`, value);
        }
        token = next;
        if (!more) return;
      }
      throw new Error("no end of pages");
    },
    of(kind: string) {
      const found = [...kept].filter(([name]) => name.startsWith(`${kind} `));
      return found.map(([name, value]) => [name.slice(kind.length + 1), value] as const);
    },
  };
}

const minute = (minutes: number) => new Date(Date.UTC(2026, 2, 1, 12, minutes)).toISOString();
const bookId = fc.constantFrom(...someBooks);
const at = fc.nat(600).map(minute);
const historyCommand: fc.Arbitrary<HistoryCommand> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("OpenBook" as const), bookId, at }) },
  fc.record({ type: fc.constant("RemoveBookFromHistory" as const), bookId, at }),
  fc.record({ type: fc.constantFrom("ClearHistory" as const, "UndoRemoval" as const), at }),
);
const entry = fc.record({ bookId, offset: fc.nat(99), readAt: at, deviceId: fc.constantFrom("phone", "tablet") });
const settings = fc.record({
  brightness: fc.integer({ min: 10, max: 100 }),
  fontSize: fc.integer({ min: 8, max: 48 }),
});
const step = fc.record({
  act: fc.oneof(
    { weight: 4, arbitrary: fc.record({ on: fc.constant("shelf" as const), command: anyShelfCommand }) },
    { weight: 2, arbitrary: fc.record({ on: fc.constant("history" as const), command: historyCommand }) },
    fc.record({ on: fc.constant("progress" as const), command: entry }),
    fc.record({ on: fc.constant("preferences" as const), command: settings }),
  ),
  /** How much of the log each read model has applied then, in tenths; and whether the client sends a request. */
  seen: fc.tuple(...names.map(() => fc.nat(10))),
  sync: fc.boolean(),
});

test("a client that applies what changed has what there is, however far the read models were when it asked", async () => {
  let position = 0n;
  let things = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const readerId = randomUUID();
      const log: RecordedEvent[] = [];
      const record = (stream: string, event: DomainEvent) =>
        log.push(recorded(position++, `${stream}-${readerId}`, event));
      let shelf = shelfDecider.initialState;
      let history = historyDecider.initialState;
      const places = new Map<string, { readAt: string; entryId: string; offset: number; deviceId: string }>();
      let chosen: Record<string, unknown> | undefined;
      // While it requests further pages, one read model after the other advances.
      let turn = 0;
      const goOn = () => apply(names[turn++ % names.length]!, log, log.length);
      const phone = client(readerId, apiOfShortPages, goOn);
      for (const { act, seen, sync } of steps) {
        if (act.on === "shelf") {
          const decision = shelfDecider.decide(act.command, shelf);
          for (const event of isRefusal(decision) ? [] : decision) {
            shelf = shelfDecider.evolve(shelf, event);
            record("shelf", event);
          }
        } else if (act.on === "history") {
          const decision = historyDecider.decide(act.command, history);
          for (const event of isRefusal(decision) ? [] : decision) {
            history = historyDecider.evolve(history, event);
            record("history", event);
          }
        } else if (act.on === "progress") {
          const data = {
            ...act.command,
            entryId: randomUUID(),
            chapterId: "chapter00001",
            chapterNo: 1,
            activeSeconds: 1,
          };
          record("progress", { type: "ReadingProgressed", data });
          const known = places.get(data.bookId);
          const isLater =
            !known || data.readAt > known.readAt || (data.readAt === known.readAt && data.entryId > known.entryId);
          if (isLater) places.set(data.bookId, data);
        } else {
          chosen = { ...act.command, background: "B1", pageTurn: "T1", lineSpacing: 150 };
          record("preferences", { type: "ReaderSettingsAdjusted", data: chosen });
        }
        for (const [index, name] of names.entries())
          await apply(name, log, Math.floor((log.length * seen[index]!) / 10));
        if (sync) await phone.sync();
      }
      for (const name of names) await apply(name, log, log.length);
      await phone.sync();

      const books = phone
        .of("book")
        .map(([key, value]) => ({ key, ...(value as { order: string; group: string | null; pinned: boolean }) }));
      const inOrder = books.sort((one, other) => (one.order < other.order ? 1 : -1)).map(({ key }) => key);
      expect(inOrder).toEqual(manualOrder(shelf));
      for (const { key, group, pinned } of books) {
        expect([key, group, pinned]).toEqual([key, shelf.groupOf.get(key) ?? null, shelf.pinned.has(key)]);
      }
      const groups = phone.of("group").sort(([, one], [, other]) => (String(one.order) < String(other.order) ? -1 : 1));
      expect(groups.map(([key, { name }]) => [key, name])).toEqual([...shelf.groups]);
      const opened = phone.of("history").sort(([, one], [, other]) => Number(one.visit) - Number(other.visit));
      expect(opened.map(([key]) => key)).toEqual([...history.books.keys()]);
      expect(
        new Map(phone.of("place").map(([key, { offset, readAt, deviceId }]) => [key, { offset, readAt, deviceId }])),
      ).toEqual(new Map([...places].map(([key, { offset, readAt, deviceId }]) => [key, { offset, readAt, deviceId }])));
      expect(phone.of("settings").map(([, value]) => value)).toEqual(chosen === undefined ? [] : [chosen]);
      things += phone.kept.size;
      // Nothing is sent twice, even if a read model has had no event for a long time.
      expect(await changes(readerId, phone.token())).toMatchObject({ items: [], more: false });
      // A new client gets no removals, and ends with the same data.
      const fresh = client(readerId);
      await fresh.sync();
      expect(new Map(fresh.kept)).toEqual(phone.kept);
    }),
    { numRuns: 40 },
  );
  expect(things).toBeGreaterThan(40);
});

/** A reader of whom 900 things were opened, the last 200 by one event. */
async function reader(): Promise<string> {
  const readerId = randomUUID();
  const insert = (text: string) => store.pool.query(text, [readerId]);
  await insert(
    "INSERT INTO changes_v2.reader_changes SELECT $1, 'history', 'book' || n, least(n, 700) FROM generate_series(1, 900) AS n",
  );
  await insert(
    "INSERT INTO history_v1.history_books SELECT $1, 'book' || n, n, now() FROM generate_series(1, 900) AS n",
  );
  return readerId;
}
const reach = (positions: Partial<Record<ReadModelName, bigint>>, others: bigint) => {
  for (const name of names) reached.set(name, positions[name] ?? others);
};

test("changes are paged between events", async () => {
  const readerId = await reader();
  reach({}, 10_000n);
  for (const since of [undefined, encodeSyncToken({ position: 0n, issuedAt: now })]) {
    const first = await changes(readerId, since);
    expect([first.items.length, first.more]).toEqual([500, true]);
    const second = await changes(readerId, first.token);
    expect([second.items.length, second.more]).toEqual([400, false]);
    expect(await changes(readerId, second.token)).toMatchObject({ items: [], more: false });
  }
});

test("a client gets all there is while a read model is quiet, behind, or has events of the reader parked", async () => {
  const readerId = await reader();
  const keys = Array.from({ length: 900 }, (_, n) => `book${n + 1}`).sort();
  const synced = async () => {
    const phone = client(readerId);
    await phone.sync();
    expect(
      phone
        .of("history")
        .map(([key]) => key)
        .sort(),
    ).toEqual(keys);
    return changes(readerId, phone.token());
  };
  // Nothing of the reader was ever on a shelf, so that the checkpoint stays at another reader's event.
  reach({ changes: 700n, history: 700n }, 5n);
  expect((await synced()).items).toEqual([]);
  // A read model may show later what it has not applied yet: everything after its checkpoint is sent again.
  reach({ history: 650n }, 700n);
  expect((await synced()).items).toHaveLength(250);
  reach({ changes: 650n }, 700n);
  expect((await synced()).items).toHaveLength(250);
  reach({}, 700n);
  for (const [name, more, again] of [
    ["changes", true, 500],
    ["history", true, 500],
    ["shelf", false, 0],
  ] as const) {
    parkedIn = [name];
    const { items, more: isMore } = await synced();
    expect([items.length, isMore], name).toEqual([again, more]);
  }
  parkedIn = [];
});

test("the next list begins where the read models were at the first page, and the token in between keeps it", async () => {
  const readerId = await reader();
  reach({ history: 100n }, 700n);
  const first = await changes(readerId);
  reach({}, 700n);
  const second = await changes(readerId, first.token);
  expect([first.more, second.more]).toEqual([true, false]);
  const next = await changes(readerId, second.token);
  expect([next.items[0]?.key, next.more]).toEqual(["book101", true]);
});

test("a token of changes that a restore of the log took away is 410, whatever stands there now", async () => {
  const readerId = await reader();
  const answerTo = async (since: string, at = api) => {
    const response = await ask(readerId, since, at);
    return response.status === 200 ? "200" : `${response.status} ${((await response.json()) as { code: string }).code}`;
  };
  reach({}, 700n);
  logReads = 0;
  const last = client(readerId);
  await last.sync();
  const token = last.token()!;
  expect(decodeSyncToken(token)).toMatchObject({ position: 700n, mark: eventFingerprint(idIn("log", 700n)) });
  // This process does not look up a token that it issued; another process looks it up once.
  expect([await answerTo(token), logReads]).toEqual(["200", 0]);
  for (const times of [1, 2])
    expect([times, await answerTo(token, apiOfShortPages), logReads]).toEqual([times, "200", 1]);
  const inPages = (await changes(readerId)).token;
  expect(decodeSyncToken(inPages)).toMatchObject({ page: 500n, mark: eventFingerprint(idIn("log", 700n)) });

  // A restored earlier log with rebuilt builds: it ends before the token's position, and later passes it with other events.
  [logName, buildOfLog, logEnd] = ["restored", "restored", 650n];
  reach({}, 650n);
  for (const old of [token, inPages]) expect(await answerTo(old)).toBe("410 token_expired");
  logEnd = 10_000n;
  reach({}, 800n);
  for (const old of [token, inPages]) expect(await answerTo(old)).toBe("410 token_expired");
  const again = client(readerId);
  await again.sync();
  expect(again.of("history")).toHaveLength(900);
  expect(await answerTo(again.token()!)).toBe("200");
  // Tokens of the previous release have no mark.
  expect(await answerTo(encodeSyncToken({ position: 700n, issuedAt: now }))).toBe("200");

  // While the log is unavailable, no token is trusted.
  const since = encodeSyncToken({ position: 600n, issuedAt: now, mark: eventFingerprint(idIn("log", 600n)) });
  logName = "away";
  const unknown = await changes(readerId, since);
  expect(unknown.items.map(({ key }) => key)).toHaveLength(300);
  expect(decodeSyncToken(unknown.token)).toMatchObject({ position: 600n, mark: eventFingerprint(idIn("log", 600n)) });
  logName = "restored";
  expect(await answerTo(unknown.token)).toBe("410 token_expired");
  [logName, buildOfLog, logEnd] = ["log", "log", 2n ** 63n];
});

test("tokens of the form without a page go on", async () => {
  const readerId = await reader();
  reach({}, 700n);
  const old = Buffer.from(JSON.stringify(["600", now.getTime()])).toString("base64url");
  expect((await changes(readerId, old)).items).toHaveLength(300);
});

test("a token is good for 90 days, and what is no token is refused", async () => {
  const readerId = randomUUID();
  const answerTo = async (since: string) => (await ask(readerId, since)).json();
  const issuedAt = new Date("2026-01-01T00:00:00Z");
  const token = encodeSyncToken({ position: 1n, issuedAt });
  now = new Date(issuedAt.getTime() + 90 * 86_400_000);
  expect(await answerTo(token)).toMatchObject({ more: false });
  now = new Date(now.getTime() + 1);
  expect(await answerTo(token)).toMatchObject({ status: 410, code: "token_expired" });
  const made = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");
  const greatest = 2n ** 63n - 1n;
  expect(await answerTo(made(String(greatest), now.getTime()))).toMatchObject({ more: false });
  expect(await answerTo(made(String(greatest), 253_402_300_799_999, String(greatest)))).toMatchObject({ more: false });
  const impossible = [
    made("1", -1),
    made(String(greatest + 1n), now.getTime()),
    made("-2", now.getTime()),
    made("1", 9e15),
    made("1", now.getTime(), "-1"),
    made("1", now.getTime(), "2", "3"),
    made("1", now.getTime(), null),
    made("1", now.getTime(), null, "12345678", "1"),
  ];
  for (const bad of ["x", "W10", "bnVsbA", ...impossible]) {
    expect(await answerTo(bad), bad).toMatchObject({
      status: 400,
      code: "invalid_request",
      errors: [{ path: "since" }],
    });
  }
});
