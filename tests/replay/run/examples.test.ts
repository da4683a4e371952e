import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadReducer } from "../../../src/replay/run/loadReducer.ts";
import { resultsOf, runReducer } from "../../../src/replay/run/runReducer.ts";
import { loadSnapshot, saveSnapshot } from "../../../src/replay/run/snapshot.ts";
import { type Logged, logOf, read } from "../memoryLog.ts";

const example = (name: string) => fileURLToPath(new URL(`../../../examples/replay/${name}.ts`, import.meta.url));
const [stone, water] = ["hongloumeng1", "shuihuzhuan1"];
const whole = { after: undefined, upTo: 10n ** 9n };
const shelf = (reader: string, type: "BookAddedToShelf" | "BookRemovedFromShelf", bookId: string): Logged => [
  `shelf-${reader}`,
  { type, data: { bookId } },
];
const finished = (reader: string, bookId: string): Logged => [
  `rounds-${reader}`,
  { type: "BookFinished", data: { bookId, round: 1, readAt: "2026-01-02T00:00:00.000Z" } },
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heima-run-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function resultsOfExample(name: string, events: readonly Logged[]) {
  const { reducer } = await loadReducer(example(name));
  return [...resultsOf(reducer, (await runReducer(await logOf(events), reducer, whole)).states)];
}

test("topBooks: hours and readers, the longest first", async () => {
  const events = [
    read("a", stone, { seconds: 3_600 }),
    read("b", water, { seconds: 1_800 }),
    read("a", stone, { seconds: 900 }),
    read("b", stone, { seconds: 900 }),
  ];
  expect(await resultsOfExample("topBooks", events)).toEqual([
    {
      key: "",
      result: [
        { bookId: stone, hours: 1.5, readers: 2 },
        { bookId: water, hours: 0.5, readers: 1 },
      ],
    },
  ]);
});

test("whereReadersStop: the latest place counts, whenever it arrived, and those who finished stopped nowhere", async () => {
  const events = [
    read("a", stone, { chapterNo: 3, readAt: "2026-01-02T00:00:00.000Z" }),
    read("a", stone, { chapterNo: 2, readAt: "2026-01-01T00:00:00.000Z" }),
    read("b", stone, { chapterNo: 3 }),
    read("c", stone, { chapterNo: 9 }),
    finished("c", stone),
    finished("d", water),
  ];
  expect(await resultsOfExample("whereReadersStop", events)).toEqual([
    { key: stone, result: { readers: 3, finished: 1, stopped: { 3: 2 } } },
    { key: water, result: { readers: 1, finished: 1, stopped: {} } },
  ]);
});

test("removedUnread: what was read before it went does not count", async () => {
  const events = [
    shelf("a", "BookAddedToShelf", stone),
    shelf("a", "BookRemovedFromShelf", stone),
    read("b", stone),
    shelf("b", "BookRemovedFromShelf", stone),
    read("b", water),
    shelf("b", "BookRemovedFromShelf", water),
  ];
  expect(await resultsOfExample("removedUnread", events)).toEqual([
    { key: "", result: [{ bookId: stone, unread: 1, all: 2 }] },
  ]);
});

test("states are kept in a file and gone on from, with what Map and Set hold", async () => {
  const { reducer, digest } = await loadReducer(example("whereReadersStop"));
  const events = [read("a", stone, { chapterNo: 3 }), read("b", stone, { chapterNo: 4 }), finished("a", stone)];
  const log = await logOf(events);
  const first = await runReducer(log, reducer, { after: undefined, upTo: 200n });
  const path = join(folder, "stop.snapshot");
  await saveSnapshot(path, {
    digest,
    after: undefined,
    place: first.place!,
    events: 2,
    states: first.states,
    erased: new Set(["d1"]),
  });
  const loaded = await loadSnapshot(path);
  expect(loaded).toMatchObject({ digest, after: undefined, place: first.place, events: 2, erased: new Set(["d1"]) });
  const second = await runReducer(log, reducer, whole, { begun: loaded });
  expect([...resultsOf(reducer, second.states)]).toEqual([
    { key: stone, result: { readers: 2, finished: 1, stopped: { 4: 1 } } },
  ]);
  await writeFile(join(folder, "cut"), (await readFile(path)).subarray(0, 40));
  await expect(loadSnapshot(join(folder, "cut"))).rejects.toThrow("is no snapshot of a run");
  const unkept = {
    digest,
    after: undefined,
    place: first.place!,
    events: 1,
    states: new Map([["", () => 1]]),
    erased: new Set<string>(),
  };
  await expect(saveSnapshot(path, unkept)).rejects.toThrow("the states cannot be saved");
  expect((await loadSnapshot(path)).events).toBe(2);
});

test("a file that is none is told by its name", async () => {
  await expect(loadReducer(join(folder, "nothing.ts"))).rejects.toThrow("cannot read");
  await writeFile(join(folder, "empty.mjs"), "export const initial = 0;\n");
  await expect(loadReducer(join(folder, "empty.mjs"))).rejects.toThrow(
    /empty\.mjs is no reducer: it exports no function/,
  );
});
