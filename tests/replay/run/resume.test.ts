import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Pool } from "../../../src/platform/postgres.ts";
import { runFile } from "../../../src/replay/run/runFile.ts";
import { runWith } from "../../cli/fixtures.ts";
import { append, logOf } from "../memoryLog.ts";

const file = fileURLToPath(new URL("../../../examples/replay/removedUnread.ts", import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heima-resume-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const added = (reader: string) =>
  [`shelf-${reader}`, { type: "BookAddedToShelf", data: { bookId: "hongloumeng1" } }] as const;

test("who resumes is warned of readers erased since the states began, and of no others", async () => {
  const log = await logOf([added("before"), added("later"), added("stays")]);
  const erased = new Set(["before"]);
  const pool = { query: async () => ({ rows: [...erased].map((id) => ({ reader_id: id })) }) } as unknown as Pool;
  const snapshot = join(folder, "states");
  const run = async (resume?: string, whileItRuns: () => void = () => {}) => {
    const signal = new AbortController().signal;
    const asked = { file, from: undefined, to: undefined, resume, save: snapshot };
    const readAll: typeof log.readAll = (options) => {
      if (options?.categories?.includes("shelf")) whileItRuns();
      return log.readAll(options);
    };
    return (await runFile({ eventStore: { ...log, readAll } as never, pool }, asked, { onProgress() {}, signal }))
      .warnings;
  };
  expect(await run()).toEqual([]);
  expect(await run(snapshot)).toEqual([]);
  erased.add("later");
  const warning = "readers were erased since the run of these states began (1): run again from the beginning";
  expect(await run(snapshot)).toEqual([expect.stringContaining(warning)]);
  // The states still include that reader.
  expect(await run(snapshot)).toEqual([expect.stringContaining(warning)]);
  expect(await run()).toEqual([]);
  await append(log, [added("another")]);
  expect(await run(snapshot)).toEqual([]);
  const during = await run(undefined, () => erased.add("stays"));
  expect(during).toEqual([expect.stringContaining("readers were erased since this run began (1)")]);
  expect(await run(snapshot)).toHaveLength(1);
});

test("a run that is interrupted prints no result and fails, its states are saved, and resuming gives the whole one", async () => {
  const reducer = join(folder, "count.mts");
  await writeFile(
    reducer,
    "export const initial = { added: 0 };\nexport const evolve = (s) => ({ added: s.added + 1 });\n",
  );
  const log = await logOf(["a", "b", "c", "d"].map(added));
  const pool = { query: async () => ({ rows: [], rowCount: 0 }) } as unknown as Pool;
  const states = join(folder, "cut");
  const heima = async (...[after, ...args]: [number, ...string[]]) => {
    const stop = new AbortController();
    const readAll: typeof log.readAll = async function* (options) {
      let read = 0;
      for await (const event of log.readAll(options)) {
        if (options?.categories?.includes("shelf") && read++ === after) stop.abort(new Error("interrupted"));
        if (stop.signal.aborted) return;
        yield event;
      }
    };
    return runWith(["replay", "run", reducer, ...args], {
      interruption: () => stop.signal,
      runReducer: (asked, options) => runFile({ eventStore: { ...log, readAll } as never, pool }, asked, options),
    });
  };
  const cut = await heima(2, "--save", states);
  expect(cut).toMatchObject({ code: 1, stdout: "" });
  expect(cut.stderr).toContain(`heima: interrupted at position 200, so there is no result; --resume ${states} goes on`);
  expect(await heima(9, "--resume", states)).toMatchObject({ code: 0, stdout: '{\n  "added": 4\n}\n' });
  expect(await heima(1)).toMatchObject({ code: 1, stdout: "" });
});

test.each([
  ["a day is looked for", "2031-01-01", "where 2031-01-01 begins"],
  ["erased readers are looked for", undefined, "erased readers"],
])("a run that is interrupted while %s says so at once, and folds nothing", async (_, from, what) => {
  const erased = { type: "ReaderErased", data: {} } as const;
  const log = await logOf([...["a", "b", "c"].map(added), ["account-d", erased], ["account-e", erased]]);
  const pool = { query: async () => ({ rows: [], rowCount: 0 }) } as unknown as Pool;
  const stop = new AbortController();
  let read = 0;
  const readAll: typeof log.readAll = async function* (options) {
    for await (const event of log.readAll(options)) {
      if (read++ === 1) stop.abort(new Error("interrupted"));
      if (options?.signal?.aborted) return;
      yield event;
    }
  };
  const told: string[] = [];
  const moment = from === undefined ? undefined : { text: from, moment: { kind: "day" as const, day: from } };
  const run = runFile(
    { eventStore: { ...log, readAll } as never, pool },
    { file, from: moment, to: undefined, resume: undefined, save: undefined },
    { onProgress() {}, onSearchProgress: (progress) => told.push(progress.what), signal: stop.signal },
  );
  await expect(run).rejects.toThrow("interrupted");
  expect(read).toBe(2);
  expect(told).toEqual([what]);
});
