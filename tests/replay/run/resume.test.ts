import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runReducerFile } from "../../../src/main/runReducer.ts";
import type { Pool } from "../../../src/platform/postgres.ts";
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
    return (
      await runReducerFile({ eventStore: { ...log, readAll } as never, pool }, asked, { onProgress() {}, signal })
    ).warnings;
  };
  expect(await run()).toEqual([]);
  expect(await run(snapshot)).toEqual([]);
  erased.add("later");
  const warning = "readers were erased since the run of these states began (1): run again from the beginning";
  expect(await run(snapshot)).toEqual([expect.stringContaining(warning)]);
  // The states still have that reader's share.
  expect(await run(snapshot)).toEqual([expect.stringContaining(warning)]);
  expect(await run()).toEqual([]);
  await append(log, [added("another")]);
  expect(await run(snapshot)).toEqual([]);
  const during = await run(undefined, () => erased.add("stays"));
  expect(during).toEqual([expect.stringContaining("readers were erased since this run began (1)")]);
  expect(await run(snapshot)).toHaveLength(1);
});
