import { type ExecFileException, execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const project = fileURLToPath(new URL("../../", import.meta.url));

let copy: string;
beforeEach(() => {
  copy = realpathSync(mkdtempSync(join(tmpdir(), "heima-built-")));
  cpSync(join(project, "bin"), join(copy, "bin"), { recursive: true });
  symlinkSync(realpathSync(join(project, "node_modules")), join(copy, "node_modules"));
});
afterEach(() => rmSync(copy, { recursive: true }));

async function write(path: string, text: string) {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  await writeFile(join(copy, path), text);
}

const run = (...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    execFile(
      process.execPath,
      args,
      { cwd: copy, timeout: 60_000 },
      (error: ExecFileException | null, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

const builds = () => readdirSync(join(copy, ".data/built"));

test("a program runs as its sources stand: changed, added to, taken back, and broken", async () => {
  await write("src/main/cli.ts", 'import { said } from "../said.ts";\nconsole.log(said, ...process.argv.slice(2));\n');
  await write("src/said.ts", 'export const said: string = "first";\n');
  const heima = (...args: string[]) => run("bin/heima.js", ...args);
  expect(await heima("a", "b")).toEqual({ code: 0, stdout: "first a b\n", stderr: "" });
  expect(await heima()).toMatchObject({ stdout: "first\n" });
  expect(builds()).toHaveLength(1);

  await write("src/said.ts", 'export const said: string = "later";\n');
  // The same size and time as before: neither shows the change.
  for (const name of readdirSync(join(copy, "src"))) utimesSync(join(copy, "src", name), 1, 1);
  expect(await heima()).toMatchObject({ stdout: "later\n" });

  await write("src/said.ts", "export const said: string = ;\n");
  const broken = await heima();
  expect(broken).toMatchObject({ code: 1, stdout: "" });
  expect(broken.stderr).toContain("src/said.ts:1:28");

  await write("src/said.ts", 'export { said } from "./more.ts";\n');
  await write("src/more.ts", 'export const said = "more";\n');
  expect(await heima()).toMatchObject({ stdout: "more\n" });
  await write("src/said.ts", 'export const said: string = "first";\n');
  expect(await heima()).toMatchObject({ stdout: "first\n" });
});

test("builds of sources that are no more go after a day; one that was not finished is none", async () => {
  await write("src/main/cli.ts", 'console.log("one");\n');
  await run("bin/heima.js");
  const [one = ""] = builds();
  await write("src/main/cli.ts", 'console.log("two");\n');
  await run("bin/heima.js");
  expect(builds()).toHaveLength(2);
  utimesSync(join(copy, ".data/built", one), 1, 1);
  await write("src/main/cli.ts", 'console.log("three");\n');
  expect(await run("bin/heima.js")).toMatchObject({ stdout: "three\n" });
  expect(builds()).toHaveLength(2);
  expect(builds()).not.toContain(one);
  expect(builds().filter((name) => name.includes("."))).toEqual([]);
});

test("many that start at once after a change all run it", async () => {
  await write("src/main/cli.ts", 'await new Promise((done) => setTimeout(done, 1));\nconsole.log("new");\n');
  const all = await Promise.all(Array.from({ length: 6 }, () => run("bin/heima.js")));
  expect(all.map(({ stdout, stderr }) => stdout + stderr)).toEqual(Array(6).fill("new\n"));
  expect(builds()).toHaveLength(1);
});

test("files beside a source are found, traces name the source, and programs share their modules", async () => {
  const shared = `import { readFileSync } from "node:fs";
export class Shared {}
export const beside = readFileSync(new URL("beside.txt", import.meta.url), "utf8");
`;
  await write("src/platform/shared.ts", shared);
  await write("src/platform/beside.txt", "beside");
  await write("src/main/api.ts", 'export { Shared } from "../platform/shared.ts";\n');
  const program = `import { beside } from "../platform/shared.ts";
type Nothing = never;

console.log(beside, import.meta.url, process.argv[2]);
function fails(): Nothing {
  throw new Error("here");
}
fails();
`;
  await write("embedded/part/main.ts", program.replace("../platform", "../../src/platform"));
  const { code, stdout, stderr } = await run("bin/run.js", "embedded/part/main.ts", "argument");
  expect(stdout).toBe(`beside file://${copy}/embedded/part/main.ts argument\n`);
  expect(code).toBe(1);
  expect(stderr).toContain(`${copy}/embedded/part/main.ts:6:9`);
  // A neighbouring file is read in its current state.
  await write("src/platform/beside.txt", "changed");
  expect((await run("bin/run.js", "embedded/part/main.ts")).stdout).toMatch(/^changed /);
});

test("a module that asks for its folder otherwise than by import.meta.url is refused", async () => {
  await write("src/main/cli.ts", "console.log(import.meta.dirname);\n");
  const { code, stderr } = await run("bin/heima.js");
  expect(code).toBe(1);
  expect(stderr).toContain("src/main/cli.ts: bundled modules have import.meta.url alone");
});

test("a program that is not bundled runs all the same, and run.js alone only bundles", async () => {
  await write("src/main/cli.ts", 'console.log("cli");\n');
  expect(await run("bin/run.js")).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(builds()).toHaveLength(1);
  await write("other/main.ts", "const said: string = process.argv.slice(2).join();\nconsole.log(said);\n");
  await write("package.json", '{"type":"module"}');
  expect(await run("bin/run.js", "other/main.ts", "a", "b")).toMatchObject({ stdout: "a,b\n" });
});
