import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunArguments } from "../../src/replay/run/runFile.ts";
import { runWith } from "./fixtures.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heima-cli-run-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ran = (
  results: readonly { key: string; result: unknown }[],
  isKeyed: boolean,
  warnings: readonly string[] = [],
) => ({
  events: 5,
  folded: 3,
  results,
  isKeyed,
  warnings,
});

test("run hands over files, range and states, and prints one result, or a line a key", async () => {
  const asked: RunArguments[] = [];
  const single = await runWith(
    ["replay", "run", "/a/top.ts", "--from", "2026-11-01", "--to", "12345", "--save", "/a/s"],
    {
      runReducer: async (one, { onProgress }) => {
        asked.push(one);
        onProgress({ events: 1, position: 50n, after: 0n, upTo: 100n });
        return ran([{ key: "", result: { at: 1n } }], false, ["readers were erased"]);
      },
    },
  );
  expect(single.stdout).toBe('{\n  "at": "1"\n}\n');
  expect(single.stderr).toContain("heima: readers were erased\n");
  expect(single.stderr).toMatch(/5 events, 3 folded, in .* s \(\d+\/s\)\n$/);
  expect(asked).toEqual([
    {
      file: "/a/top.ts",
      save: "/a/s",
      resume: undefined,
      from: { text: "2026-11-01", moment: { kind: "day", day: "2026-11-01" } },
      to: { text: "12345", moment: { kind: "position", position: 12345n } },
    },
  ]);
  const keyed = await runWith(["replay", "run", "top.ts"], {
    runReducer: async () =>
      ran(
        [
          { key: "a", result: 1 },
          { key: "b", result: [2] },
        ],
        true,
      ),
  });
  expect(keyed.stdout).toBe('{"key":"a","result":1}\n{"key":"b","result":[2]}\n');
  expect((await runWith(["replay", "run", "top.ts", "--from", "spring"])).code).toBe(2);
  expect((await runWith(["replay", "run", "top.ts", "--from", "1", "--resume", "s"])).code).toBe(2);
});

test("what is looked for in the log before a run or an export is said", async () => {
  const look = { what: "where 2026-11-01 begins", events: 1, position: 100n, upTo: 400n };
  const run = await runWith(["replay", "run", "top.ts"], {
    runReducer: async (_, { onSearchProgress }) => {
      onSearchProgress?.(look);
      return ran([], false);
    },
  });
  expect(run.stderr).toContain("replay: looking for where 2026-11-01 begins\nreplay: 25%, 1 events");
  const sql = await runWith(["replay", "sql", "SELECT 1"], {
    queryEvents: async (_, __, { onSearchProgress }) => onSearchProgress?.({ ...look, what: "erased readers" }),
  });
  expect(sql.stderr).toContain("export: looking for erased readers\nexport: 25%, 1 events");
});

test("an error of a file that a command does not expect names the file, and no system call", async () => {
  const failing = await runWith(["replay", "run", "top.ts"], {
    runReducer: async () => {
      await readFile(join(folder, "gone"));
      return ran([], false);
    },
  });
  expect(failing).toMatchObject({
    code: 1,
    stderr: `heima: ${join(folder, "gone")}: there is no such file or folder\n`,
  });
});

test("new writes a reducer that loads without changes, and overwrites nothing", async () => {
  const made = await runWith(["replay", "new", join(folder, "我的问题")]);
  const path = join(folder, "我的问题.ts");
  expect(made).toMatchObject({ code: 0, stdout: `${path}\n` });
  const again = await runWith(["replay", "new", path]);
  expect(again).toMatchObject({ code: 1, stderr: `heima: ${path} is there already\n` });
  expect((await runWith(["replay", "new", "a b"])).code).toBe(2);
  const lost = join(folder, "nowhere");
  const unmade = await runWith(["replay", "new", join(lost, "mine")]);
  expect(unmade).toMatchObject({ code: 1, stderr: `heima: ${lost} is no folder: make it first\n` });
  const beneath = await runWith(["replay", "new", join(path, "mine")]);
  expect(beneath).toMatchObject({ code: 1, stderr: `heima: ${path} is no folder: make it first\n` });
  const text = await readFile(path, "utf8");
  const types = /from "(.*)"/.exec(text)?.[1] ?? "";
  expect(await readFile(join(folder, types), "utf8")).toContain("ReplayedEventOf");
  // In a process without a build step, as bin/heima.js runs it, and in a folder that no package.json is about.
  const project = fileURLToPath(new URL("../../", import.meta.url));
  const script = `import { register } from "tsx/esm/api";
    register({ tsconfig: false });
    const { loadReducer } = await import("./src/replay/run/loadReducer.ts");
    const { reducer } = await loadReducer(${JSON.stringify(path)});
    const event = { stream: "progress-a", data: { bookId: "b", activeSeconds: 90 } };
    console.log(JSON.stringify(reducer.result(reducer.evolve(reducer.initial, event), reducer.key(event))));`;
  const args = ["--input-type=module", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: project });
  expect(JSON.parse(stdout)).toEqual({ book: "b", hours: 0.03, readers: 1 });
});
