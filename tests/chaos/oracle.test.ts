import { describe, expect, test } from "vitest";
import type { ShelfCommand } from "../../src/domain/shelf/decider.ts";
import { type Acknowledged, emptyJournal, shelfAsShown } from "./load/journal.ts";
import { checkCommands } from "./oracle/commands.ts";
import { checkErased } from "./oracle/erased.ts";
import { checkLastWords } from "./oracle/lastWords.ts";
import type { LoggedEvent } from "./oracle/log.ts";
import { keyOf, sift } from "./oracle/parked.ts";
import { checkShown } from "./oracle/timeline.ts";
import { faultKinds, planFaults, seedOfRun } from "./plan.ts";
import { seededRandom } from "./random.ts";

// What judges the system is itself held against logs and answers that are wrong in the ways it is there to see.

const created = new Date("2026-01-01T00:00:00Z");
const book = "abcdefghijk";
const added = (number: number, reader = "r"): LoggedEvent => ({
  id: `event-${number}`,
  type: "BookAddedToShelf",
  stream: `shelf-${reader}`,
  position: BigInt(number),
  created,
  data: { bookId: `${book}${number}` },
  commandId: `command-${number}`,
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
const answer = (shelf: string, current: bigint | null = null) => ({ readerId: "r", current, shelf });

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

const removed = (number: number, bookNumber: number, reader = "r"): LoggedEvent => ({
  ...added(number, reader),
  type: "BookRemovedFromShelf",
  data: { bookId: `${book}${bookNumber}` },
});
/** A command of reader r to shelve book `number`, unless it is another command; sent so many times. */
const told = (
  number: number,
  position: string | null,
  events: readonly string[],
  { tries = 1, command }: { tries?: number; command?: ShelfCommand } = {},
): Acknowledged => ({
  ...{ commandId: `command-${number}`, readerId: "r", events, position },
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
  // Book 1 is shelved by command 1, shelved again by command 2, which has nothing to do, and taken off by command 3.
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
      ...{ ...told(2, null, [], { tries, command: pin }), code },
    });
    const checkRefused = (...journal: Parameters<typeof refused>) =>
      checkCommands([added(1), pinned], { ...emptyJournal(), refused: [refused(...journal)] });
    expect([...checkRefused(2).late.keys()]).toEqual(["command-2"]);
    expect(checkRefused(1).wrong).toHaveLength(1);
    expect(checkRefused(2, "group_not_found").wrong).toHaveLength(1);
  });
});

test("of an erased shelf a build has all or nothing: all in the first, nothing in one made after the scavenge", () => {
  const erased = { readerId: "r", events: [], scavengedAt: new Date("2026-01-01T00:01:00Z") };
  const rows = new Map([
    ["a", "1"],
    ["b", "2"],
  ]);
  const build = (number: number, at: string) => ({ number, createdAt: new Date(`2026-01-01T${at}Z`) });
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
  const sifted = sift(log, keyOf.reader, new Set());
  expect(ids(sifted.applied)).toEqual([1, 4]);
  expect([...sifted.parked]).toEqual([["r", ["event-2", "event-3"]]]);
  expect(ids(sift(log, keyOf.book, new Set()).applied)).toEqual([1, 3, 4]);
  const skipped = sift(log, keyOf.reader, new Set(["event-2"]));
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
