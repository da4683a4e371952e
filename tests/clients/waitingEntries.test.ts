import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addEntry,
  batchDone,
  batchRefused,
  nextBatch,
  nothingWaiting,
  type ProgressEntry,
  type Waiting,
} from "../../clients/miniprogram/src/waitingEntries.ts";

const entry = (entryId: string, bookId = "aaaaaaaaaaaa"): ProgressEntry => ({
  entryId,
  bookId,
  chapterId: "aaaaaaaaaaaa",
  offset: 0,
  readAt: "2026-03-01T12:00:00.000Z",
  activeSeconds: 0,
  deviceId: "phone",
});
const waitingOf = (ids: readonly string[], most = 20): Waiting => ({
  ...nothingWaiting(most),
  entries: ids.map((id) => entry(id)),
});
const idsOf = (entries: readonly ProgressEntry[]) => entries.map(({ entryId }) => entryId).join("");
const at = (...indexes: number[]) => ({
  errors: indexes.map((index) => ({ path: `entries.${index}.bookId`, message: "no" })),
});

test("a batch keeps its key and its entries until it is answered, whatever is added meanwhile", () => {
  const waiting = waitingOf(["a", "b", "c"], 2);
  const first = nextBatch(waiting, () => "one");
  addEntry(waiting, entry("d"), 100);
  expect(nextBatch(waiting, () => "two")).toEqual(first);
  batchDone(waiting, 2);
  expect(nextBatch(waiting, () => "two")).toMatchObject({ key: "two", entries: [{ entryId: "c" }, { entryId: "d" }] });
});

test("a full queue gives up the oldest entry whose book has a later one", () => {
  const all = [entry("1", "book-a"), entry("2", "book-b"), entry("3", "book-b")];
  const full = { ...nothingWaiting(2), entries: all };
  expect(addEntry(full, entry("4", "book-c"), 3)).toMatchObject({ entryId: "2" });
  expect(addEntry(full, entry("5", "book-d"), 3)).toMatchObject({ entryId: "1" });
  expect(idsOf(full.entries)).toBe("345");
});

test("a full queue leaves alone what is on its way", () => {
  const waiting = waitingOf(["a", "b", "c"], 2);
  const batch = nextBatch(waiting, () => "one");
  expect(addEntry(waiting, entry("d"), 3)).toMatchObject({ entryId: "c" });
  expect(nextBatch(waiting, () => "two")).toEqual(batch);
});

test("of a refused batch the named entries go, and the others have a new key", () => {
  const waiting = waitingOf(["a", "b", "c", "d"], 3);
  nextBatch(waiting, () => "one");
  expect(idsOf(batchRefused(waiting, at(0, 2, 3, 77)))).toBe("ac");
  expect(nextBatch(waiting, () => "two")).toMatchObject({ key: "two", entries: [{ entryId: "b" }, { entryId: "d" }] });
});

test("an entry that no path names is found by halving", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(59), fc.integer({ min: 1, max: 30 }), (count, place, most) => {
      const ids = Array.from({ length: count }, (_, index) => `${index}`);
      const bad = `${place % count}`;
      const waiting = waitingOf(ids, most);
      const accepted: string[] = [];
      const refused: string[] = [];
      for (let turn = 0; turn < 500 && waiting.entries.length > 0; turn++) {
        const sent = nextBatch(waiting, () => `${turn}`)?.entries.map(({ entryId }) => entryId) ?? [];
        if (sent.includes(bad)) refused.push(...batchRefused(waiting, { errors: [] }).map(({ entryId }) => entryId));
        else {
          accepted.push(...sent);
          batchDone(waiting, most);
        }
      }
      expect(refused).toEqual([bad]);
      expect(accepted).toEqual(ids.filter((id) => id !== bad));
    }),
  );
});
