import { expect, test } from "vitest";
import { emptyJournal, shelfAsShown } from "./load/journal.ts";
import { checkCommands } from "./oracle/commands.ts";
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

test("an acknowledged command is in the log once, at its position", () => {
  const told = (number: number, position: string | null, events: readonly string[], tries = 1) => ({
    ...{ commandId: `command-${number}`, readerId: "r", bookId: `${book}${number}`, action: "shelve" as const },
    ...{ events, position, sentAt: Array.from({ length: tries }, () => ""), answeredAt: "" },
  });
  const check = (log: readonly LoggedEvent[], ...acknowledged: readonly ReturnType<typeof told>[]) =>
    checkCommands(log, { ...emptyJournal(), acknowledged: [...acknowledged] });
  const shelved = ["BookAddedToShelf"];
  expect(check([added(1)], told(1, "1", shelved)).wrong).toEqual([]);
  expect(check([], told(1, "1", shelved)).wrong).toHaveLength(1);
  expect(check([added(1)], told(1, "2", shelved)).wrong).toHaveLength(1);
  const twice = { ...added(2), commandId: "command-1" };
  expect(check([added(1), twice], told(1, "1", shelved)).wrong).toHaveLength(1);
  expect(check([added(1), added(1)]).wrong).toEqual(["event event-1 stands in the log twice"]);
  // Only one that was tried again may have written nothing and then something.
  expect(check([added(1)], told(1, null, [], 1)).wrong).toHaveLength(1);
  expect([...check([added(1)], told(1, null, [], 2)).late.keys()]).toEqual(["command-1"]);
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
