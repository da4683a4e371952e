import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "../../embedded/supervisor/stack.ts";
import { codeBlocksOf } from "./codeBlocks.ts";

// The commands of the tour, in the README and docs/tour.md, pasted into one shell in their order.

const project = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(join(project, path), "utf8");
const readme = /\n## A five-minute tour\n[\s\S]*?(?=\n## )/.exec(read("README.md"))?.[0] ?? "";
const blocks = codeBlocksOf(`${readme}\n${read("docs/tour.md")}`);
const commands = blocks.filter(({ language }) => language === "sh").map(({ text }) => text);
/** Fields of a response that the README shows. */
const fieldsIn = (text: string) => [...text.matchAll(/"(\w+)":/g)].map(([, field]) => field);

const hasCurl = spawnSync("curl", ["--version"]).status === 0;
if (!hasCurl) console.log("the tour is not run: it needs curl, which is not installed");

let dataDir: string | undefined;
let stack: Stack | undefined;
beforeAll(async () => {
  if (!hasCurl) return;
  dataDir = await mkdtemp(join(tmpdir(), "heima-tour-"));
  stack = await startStack({ dataDir, logLevel: "warn" });
});
afterAll(async () => {
  await stack?.stop();
  if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true });
});

test.skipIf(!hasCurl)("every command of the tour does what it says", async () => {
  if (stack === undefined) throw new Error("there is no stack");
  expect(commands.length).toBeGreaterThan(10);
  const separator = "# next block";
  const state = `STATE=${join(stack.dataDir, "supervisor.json")}`;
  const script = commands
    // Otherwise it would find the data folder of a running script/server.
    .map((text) => text.replace(/^STATE=.*$/m, state))
    // The last request of the tour is refused: its reader is erased.
    .with(-1, `set +e\n${commands.at(-1)}\ntrue`)
    .join(`\necho '${separator}'\n`);
  expect(script).toContain(state);
  // The shell ends at a response of 400 or more, even if the tour prints only a part of it.
  const shell = `curl() { command curl --fail-with-body "$@"; }\nWECHAT=${stack.wechat} API=${stack.api}\n${script}`;
  const { stdout } = await promisify(execFile)("bash", ["-eu", "-o", "pipefail", "-c", shell], {
    cwd: project,
    maxBuffer: 64 * 1024 * 1024,
  });
  const printed = stdout.split(`${separator}\n`);
  expect(printed).toHaveLength(commands.length);

  const shown = blocks.flatMap(({ language, text }, index) =>
    language === "sh" ? [] : [{ command: blocks[index - 1]?.text ?? "", fields: fieldsIn(text) }],
  );
  expect(shown.length).toBeGreaterThan(3);
  for (const { command, fields } of shown) {
    expect(fieldsIn(printed[commands.indexOf(command)] ?? "")).toEqual(expect.arrayContaining(fields));
  }
  expect(printed.at(-2)).toMatch(/"state":"(running|done)"/);
  expect(printed.at(-1)).toContain('"code":"reader_erased"');
});
