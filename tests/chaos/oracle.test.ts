import { describe, expect, test } from "vitest";
import type { ShelfCommand } from "../../src/domain/shelf/decider.ts";
import { collected } from "../../src/projections/collected/collected.ts";
import { type Acknowledged, emptyJournal, historyAsShown, placeAsShown, shelfAsShown } from "./load/journal.ts";
import { applied, nothingSynced } from "./load/synced.ts";
import { checkCommands } from "./oracle/commands.ts";
import { checkCounts } from "./oracle/counts.ts";
import { checkErased } from "./oracle/erased.ts";
import { wrongAccount } from "./oracle/gone.ts";
import { checkLastWords } from "./oracle/lastWords.ts";
import type { LoggedEvent } from "./oracle/log.ts";
import { checkOwnShelves } from "./oracle/ownShelves.ts";
import { sift } from "./oracle/parked.ts";
import { foldReadModel } from "./oracle/readModels.ts";
import { checkShown } from "./oracle/timeline.ts";
import { faultKinds, planFaults, seedOfRun } from "./plan.ts";
import { seededRandom } from "./random.ts";

// Tests the oracle itself, with logs and answers for each kind of error that it must detect.

const created = new Date("2026-01-01T00:00:00Z");
const book = "abcdefghijk";
const added = (number: number, reader = "r"): LoggedEvent => ({
  id: `event-${number}`,
  type: "BookAddedToShelf",
  stream: `shelf-${reader}`,
  revision: BigInt(number),
  position: BigInt(number),
  created,
  data: { bookId: `${book}${number}` },
  commandId: `command-${number}`,
  schemaVersion: 1,
  occurredAt: created.toISOString(),
});
const shownWith = (...numbers: readonly number[]) =>
  shelfAsShown(
    numbers.map((number) => ({
      bookId: `${book}${number}`,
      addedAt: created.toISOString(),
      pinned: false,
      group: null,
    })),
  );
const answer = (shelf: string, current: bigint | null = null) => ({
  readerId: "r",
  view: "shelf" as const,
  current,
  text: shelf,
});

test("a reader who is shown an older shelf than before saw time run backwards", () => {
  const log = [added(1), added(2), added(3)];
  const forwards = [answer(shownWith()), answer(shownWith(1)), answer(shownWith(1)), answer(shownWith(3, 2, 1), 3n)];
  expect(checkShown(log, forwards)).toEqual([]);
  expect(checkShown(log, [answer(shownWith(2, 1)), answer(shownWith(1))])).toEqual([
    expect.stringContaining("time ran backwards"),
  ]);
  expect(checkShown(log, [answer(shownWith(2))])).toEqual([expect.stringContaining("never was")]);
  expect(checkShown(log, [answer(shownWith(1), 2n)])).toEqual([expect.stringContaining("calls itself current")]);
});

const undo = { removedAt: created.toISOString(), pinned: false, group: null, after: null, before: null };
const removed = (number: number, bookNumber: number, reader = "r"): LoggedEvent => ({
  ...added(number, reader),
  type: "BookRemovedFromShelf",
  data: { bookId: `${book}${bookNumber}`, undo: { ...undo, removal: `command-${number}` } },
});
/** A command of reader r, by default to shelve book `number`; sent `tries` times. */
const told = (
  number: number,
  position: string | null,
  events: readonly string[],
  { tries = 1, command }: { tries?: number; command?: ShelfCommand } = {},
): Acknowledged => ({
  commandId: `command-${number}`,
  readerId: "r",
  category: "shelf",
  events,
  position,
  command: command ?? { type: "AddBookToShelf", bookId: `${book}${number}`, capacity: 10 },
  sentAt: Array.from({ length: tries }, () => created.toISOString()),
  answeredAt: created.toISOString(),
});
const check = (log: readonly LoggedEvent[], ...acknowledged: readonly Acknowledged[]) =>
  checkCommands(log, { ...emptyJournal(), acknowledged: [...acknowledged] });
const shelved = ["BookAddedToShelf"];

test("an acknowledged command is in the log once, at its position", () => {
  const nothing = { lost: [], doubled: [], reordered: [], wrong: [], late: new Map() };
  expect(check([added(1)], told(1, "1", shelved))).toEqual(nothing);
  expect(check([], told(1, "1", shelved)).lost).toHaveLength(1);
  expect(check([added(1)], told(1, "2", shelved)).wrong).toHaveLength(1);
  const twice = { ...added(2), commandId: "command-1" };
  expect(check([added(1), twice], told(1, "1", shelved)).doubled).toHaveLength(1);
  expect(check([added(1), added(1)]).doubled).toEqual(["event event-1 stands in the log 2 times"]);
  const log = [added(1), added(2)];
  expect(check(log, told(1, "1", shelved), told(2, "2", shelved)).reordered).toEqual([]);
  expect(check(log, told(2, "2", shelved), told(1, "1", shelved)).reordered).toHaveLength(1);
});

describe("a command that had nothing to do and is in the log", () => {
  // Book 1 is shelved by command 1, shelved again by command 2, without effect, and removed by command 3.
  const again: ShelfCommand = { type: "AddBookToShelf", bookId: `${book}1`, capacity: 10 };
  const off: ShelfCommand = { type: "RemoveBooksFromShelf", bookIds: [`${book}1`] };
  const late: LoggedEvent = { ...added(4), commandId: "command-2", data: { bookId: `${book}1` } };
  const log = [added(1), removed(3, 1), late];
  const words = (events: readonly LoggedEvent[], ...commands: readonly Acknowledged[]) =>
    checkLastWords(events, { ...emptyJournal(), acknowledged: [...commands] }, check(events, ...commands).late);
  const acknowledged = [
    told(1, "1", shelved),
    told(2, "1", [], { tries: 2, command: again }),
    told(3, "3", ["BookRemovedFromShelf"], { command: off }),
  ];

  test("came late when a try of it was given up, the answer was right, and the shelf has changed since", () => {
    expect(check(log, ...acknowledged)).toMatchObject({ lost: [], doubled: [], wrong: [] });
    expect([...check(log, ...acknowledged).late.keys()]).toEqual(["command-2"]);
    expect(words(log, ...acknowledged)).toEqual([]);
  });

  test.each<[what: string, log: readonly LoggedEvent[], second: Acknowledged]>([
    ["no try was given up", log, told(2, "1", [], { command: again })],
    ["it was written before the answer", log, told(2, "4", [], { tries: 2, command: again })],
    ["there was something to do", log, told(2, null, [], { tries: 2, command: again })],
    ["nothing has changed since", [added(1), late], told(2, "1", [], { tries: 2, command: again })],
    [
      "it is there twice",
      [...log, { ...late, id: "another", position: 5n }],
      told(2, "1", [], { tries: 2, command: again }),
    ],
    [
      "it wrote something else",
      [added(1), removed(3, 1), { ...late, data: { bookId: `${book}9` } }],
      told(2, "1", [], { tries: 2, command: again }),
    ],
  ])("is wrong when %s", (_what, events, second) => {
    const found = check(events, told(1, "1", shelved), second);
    expect(found.wrong).toHaveLength(1);
    expect(found.late.size).toBe(0);
  });

  test("is the one thing that may contradict a reader's last word", () => {
    const other = { ...late, commandId: "command-9" };
    expect(words([added(1), removed(3, 1), other], ...acknowledged)).toHaveLength(1);
    expect(words([added(1)], told(3, "1", ["BookRemovedFromShelf"], { command: off }))).toHaveLength(1);
  });

  test("also when it was refused", () => {
    const pin: ShelfCommand = { type: "PinBook", bookId: `${book}1` };
    const pinned = { ...late, type: "ShelfBookPinned" };
    const refused = (tries: number, code = "book_not_on_shelf") => ({
      ...told(2, null, [], { tries, command: pin }),
      code,
    });
    const checkRefused = (...journal: Parameters<typeof refused>) =>
      checkCommands([added(1), pinned], { ...emptyJournal(), refused: [refused(...journal)] });
    expect([...checkRefused(2).late.keys()]).toEqual(["command-2"]);
    expect(checkRefused(1).wrong).toHaveLength(1);
    expect(checkRefused(2, "group_not_found").wrong).toHaveLength(1);
  });
});

describe("what readers do beside the shelf", () => {
  const logged = (number: number, stream: string, type: string, data: Record<string, unknown>): LoggedEvent => ({
    ...added(number),
    stream,
    type,
    data,
  });
  const entry = (number: number, bookId: string, readAt: string) => ({
    entryId: `00000000-0000-4000-8000-00000000000${number}`,
    bookId,
    chapterId: "c1",
    chapterNo: 3,
    offset: 1,
    readAt,
    activeSeconds: 5,
    deviceId: "手机",
  });
  const [one, two] = [entry(1, book, "2026-01-01T08:00:00.000Z"), entry(2, book, "2026-01-01T07:00:00.000Z")];
  const read = (number: number, data: typeof one) => logged(number, "progress-r", "ReadingProgressed", data);
  const report = (number: number, position: string, entries: readonly (typeof one)[], count = entries.length) =>
    ({
      ...told(number, position, Array(count).fill("ReadingProgressed")),
      category: "progress",
      command: { type: "RecordProgress", entries: entries.map((sent) => ({ ...sent, chapterNo: 1 })) },
    }) as Acknowledged;

  test("an entry counts once, and what is written is what the stream decides", () => {
    const log = [read(1, one), { ...read(2, two), commandId: "command-1" }];
    expect(check(log, report(1, "2", [one, one, two], 2))).toMatchObject({ lost: [], doubled: [], wrong: [] });
    const twice = [read(1, one), read(2, one)];
    const found = check(twice, report(1, "1", [one]), report(2, "2", [one]));
    expect(found.wrong).toEqual([expect.stringContaining("the stream decided")]);
  });

  test("a place that is shown never goes back, and what was read earlier does not move it", () => {
    const log = [read(1, two), read(2, one), read(3, { ...two, entryId: `${two.entryId.slice(0, -1)}3` })];
    const place = (of: typeof one | null) => ({
      readerId: "r",
      view: `place ${book}` as const,
      current: null,
      text: placeAsShown(of),
    });
    expect(checkShown(log, [place(null), place(two), place(one), place(one)])).toEqual([]);
    expect(checkShown(log, [place(one), place(two)])).toEqual([expect.stringContaining("time ran backwards")]);
  });

  test("a history that is shown is one that was, in its order", () => {
    const open = (number: number, bookId: string, visit: number) =>
      logged(number, "history-r", "BookOpened", { bookId, visit, openedAt: created.toISOString(), forgotten: null });
    const log = [open(1, "a", 1), open(2, "b", 2), open(3, "a", 3)];
    const shown = (...ids: readonly string[]) => ({
      readerId: "r",
      view: "history" as const,
      current: null,
      text: historyAsShown(ids.map((bookId) => ({ bookId, openedAt: created.toISOString() }))),
    });
    expect(checkShown(log, [shown(), shown("b", "a"), shown("a", "b")])).toEqual([]);
    expect(checkShown(log, [shown("a", "b"), shown("b", "a")])).toEqual([expect.stringContaining("backwards")]);
    expect(checkShown(log, [shown("b")])).toEqual([expect.stringContaining("never was")]);
  });

  test("an undo that was acknowledged is the last word on the books that it brought back", () => {
    const back = logged(3, "shelf-r", "BookReturnedToShelf", {
      bookId: `${book}1`,
      pinned: false,
      group: null,
      after: null,
      before: null,
    });
    const off = told(2, "2", ["BookRemovedFromShelf"], {
      command: { type: "RemoveBooksFromShelf", bookIds: [`${book}1`] },
    });
    const undone = told(3, "3", ["BookReturnedToShelf"], { command: { type: "UndoRemoval", at: "", capacity: 10 } });
    const journal = { ...emptyJournal(), acknowledged: [told(1, "1", shelved), off, undone] };
    expect(checkLastWords([added(1), removed(2, 1), back], journal, new Map())).toEqual([]);
    expect(checkLastWords([added(1), removed(2, 1), back, removed(4, 1)], journal, new Map())).toHaveLength(1);
  });

  test("an offline client has the last state of each thing", () => {
    const page = (value: unknown) => ({ items: [{ kind: "book", key: "b", value }], token: "t", more: false });
    const has = (...values: readonly unknown[]) =>
      values.reduce((client: ReturnType<typeof nothingSynced>, value) => applied(client, page(value)), nothingSynced());
    expect([...has({ pinned: true }, { pinned: false }).things]).toEqual([["book b", '{"pinned":false}']]);
    expect(has({ pinned: true }, null).things.size).toBe(0);
  });
});

test("the rules of the shelf are held against a fold of the run's own", () => {
  const of = (event: LoggedEvent, bookId: string, more: object = {}): LoggedEvent => ({
    ...event,
    data: { ...event.data, bookId, ...more },
  });
  const [first, second] = ["hongloumeng0", "xiyouji00000"];
  const back = { pinned: true, group: null, after: null, before: second };
  const log = [
    of(added(1), first),
    of(added(2), second),
    of(removed(3, 1), first, { undo: { ...undo, removal: "00000000-0000-4000-8000-000000000001" } }),
    { ...added(4), type: "BookReturnedToShelf", data: { bookId: first, ...back } },
    of(added(5, "other"), first),
    { ...added(6), stream: "account-other", type: "ReaderErased", data: {} },
  ];
  expect(checkOwnShelves(log)).toEqual([]);
});

describe("a reader who was erased", () => {
  const erasure = (number: number, type = "ReaderErased"): LoggedEvent => ({
    ...added(number),
    stream: "account-r",
    type,
    data: {},
  });

  test("has it as the last event of the account", () => {
    expect(wrongAccount("r", [erasure(1, "ReaderRegistered"), erasure(2)])).toEqual([]);
    expect(wrongAccount("r", [erasure(1, "ReaderRegistered")])).toHaveLength(1);
    expect(wrongAccount("r", [erasure(1), erasure(2, "ReaderProfileChanged")])).toHaveLength(1);
    expect(wrongAccount("r", [erasure(1), erasure(2)])).toHaveLength(1);
  });

  test("counts for nothing", () => {
    const [id, log] = ["hongloumeng0", [added(1), added(2, "other"), erasure(3)]];
    const shelvedBoth = log.map((event) => ({ ...event, data: event.type === "ReaderErased" ? {} : { bookId: id } }));
    expect(checkCounts(shelvedBoth)).toEqual([]);
    const rows = (events: readonly LoggedEvent[]) => foldReadModel(collected, events).get("collected_books");
    expect([...(rows(shelvedBoth)?.values() ?? [])]).toEqual([{ book_id: id, shelves: 1 }]);
    expect([...(rows(shelvedBoth.slice(0, 2))?.values() ?? [])]).toEqual([{ book_id: id, shelves: 2 }]);
  });

  test("may have lost events to a scavenge, and no other reader", () => {
    const scavenge: LoggedEvent = { ...added(9), stream: "operations-scavenges", type: "ScavengeBegun", data: {} };
    const lostOf = (log: readonly LoggedEvent[], gone: readonly string[]) =>
      checkCommands(log, { ...emptyJournal(), acknowledged: [told(1, "1", shelved)] }, new Set(gone)).lost.length;
    expect([lostOf([], ["r"]), lostOf([scavenge], []), lostOf([scavenge], ["r"])]).toEqual([1, 1, 0]);
    const rest = { ...added(5), revision: 0n };
    expect(lostOf([rest, scavenge], ["r"])).toBe(1);
  });
});

test("of an erased shelf a build has all or nothing: all in the first, nothing in one made after the scavenge", () => {
  const erased = { readerId: "r", events: [], scavengedAt: new Date("2026-01-01T00:01:00Z") };
  const rows = new Map([
    ["a", "1"],
    ["b", "2"],
  ]);
  const build = (number: number, at: string) => ({
    number,
    isFirst: number === 1,
    createdAt: new Date(`2026-01-01T${at}Z`),
  });
  const [first, between, after] = [build(1, "00:00:00"), build(2, "00:00:30"), build(3, "00:02:00")];
  const isRight = (stored: Map<string, string>, of: typeof first) =>
    checkErased(erased, rows, stored, of) === undefined;
  const [none, half, other] = [new Map(), new Map([["a", "1"]]), new Map([...rows, ["b", "3"]])];
  expect([first, between, after].map((of) => isRight(rows, of))).toEqual([true, true, false]);
  expect([first, between, after].map((of) => isRight(none, of))).toEqual([false, true, true]);
  expect([half, other].flatMap((stored) => [first, between, after].map((of) => isRight(stored, of)))).not.toContain(
    true,
  );
});

test("an event that breaks its schema parks its key with all that follows, unless it was skipped", () => {
  const broken = { ...added(2), data: { bookId: 5 } };
  const log = [added(1), broken, added(3), added(4, "other")];
  const ids = (events: readonly LoggedEvent[]) => events.map(({ position }) => Number(position));
  const sifted = sift(log, "reader", new Set());
  expect(ids(sifted.applied)).toEqual([1, 4]);
  expect([...sifted.parked]).toEqual([["r", ["event-2", "event-3"]]]);
  expect(ids(sift(log, "book", new Set()).applied)).toEqual([1, 3, 4]);
  const skipped = sift(log, "reader", new Set(["event-2"]));
  expect([ids(skipped.applied), skipped.parked.size]).toEqual([[1, 3, 4], 0]);
});

test("a seed plans the same faults again, every process is killed once a minute, and with `every` each kind comes", () => {
  const run = { lengthMs: 120_000, kinds: faultKinds, every: true, longAwayMs: 0 };
  const plan = planFaults(seededRandom(5), run);
  expect(planFaults(seededRandom(5), run)).toEqual(plan);
  const counts = faultKinds.map((kind) => plan.filter((fault) => fault.kind === kind).length);
  expect(counts).toEqual(faultKinds.map(() => 2));
  expect(plan.every(({ atMs }) => atMs >= 0 && atMs < run.lengthMs)).toBe(true);
  const [minute] = [plan.slice(0, faultKinds.length).map(({ kind }) => kind)];
  expect(minute.indexOf("parked-skip")).toBeGreaterThan(minute.indexOf("poison"));
  const long = planFaults(seededRandom(5), { ...run, every: false, longAwayMs: 60_000 });
  expect(long.filter(({ forMs }) => forMs === 60_000)).toHaveLength(1);
  expect(new Set(Array.from({ length: 1_000 }, (_, number) => seedOfRun(1, number))).size).toBe(1_000);
});
