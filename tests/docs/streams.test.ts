import { execFile } from "node:child_process";
import { cpSync, readFileSync, realpathSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CodeBlock, codeBlocksOf, fileOf } from "./codeBlocks.ts";

// Executes docs/streams.md step by step, in a copy of the sources, as its reader would. No server is needed.

const project = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

type Block = CodeBlock & { readonly path: string | undefined };
const blocks: readonly Block[] = codeBlocksOf(readFileSync(join(project, "docs/streams.md"), "utf8")).map((block) => ({
  ...block,
  path: fileOf(block),
}));

let copy: string;
beforeAll(async () => {
  copy = realpathSync(await mkdtemp(join(tmpdir(), "heima-streams-")));
  for (const name of ["src", "package.json", "script/docs", "docs", "clients", "tests/domain/longStreams.test.ts"])
    cpSync(join(project, name), join(copy, name), { recursive: true });
  await symlink(realpathSync(join(project, "node_modules")), join(copy, "node_modules"));
  const { compilerOptions } = JSON.parse(await readFile(join(project, "tsconfig.json"), "utf8"));
  await writeFile(
    join(copy, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include: ["src/domain", "src/http/following", "tests"] }),
  );
  await writeFile(join(copy, "vitest.config.ts"), "export default {};\n");
});
afterAll(() => rm(copy, { recursive: true, force: true }));

const command = async (line: string) => {
  const [program = "", ...rest] = line.split(" ");
  return (await run(program, rest, { cwd: copy, timeout: 500_000 }).catch((error) => Promise.reject(told(line, error))))
    .stdout;
};
const told = (line: string, { stdout, stderr }: { stdout?: string; stderr?: string }) =>
  new Error(`${line}\n${stdout}\n${stderr}`);

/** Writes the file of a block; for the registry the document shows only the two new lines. */
async function write({ path = "", text }: Block): Promise<void> {
  const file = join(copy, path);
  if (path !== "src/domain/streams.ts") {
    await mkdir(dirname(file), { recursive: true });
    return writeFile(file, text.slice(text.indexOf("\n") + 1));
  }
  const [, imported = "", , , added = ""] = text.split("\n");
  const registry = await readFile(file, "utf8");
  expect(registry).toMatch(/^export const streams = \[$/m);
  expect(text, "docs/streams.md shows one more line of the list").toContain(`\n${added}\n] as const;\n`);
  await writeFile(file, `${imported}\n${registry.replace("\n] as const;\n", `\n${added}\n] as const;\n`)}`);
}

/** The consequences of the declaration, and the effects of the endpoints, as printed by a program of the copy. */
const follows = `
  import { codecOf } from "./src/event-store/codec.ts";
  import { allEvents } from "./src/domain/events.ts";
  import { followingStream } from "./src/domain/following/stream.ts";
  import { partitionKeyOf } from "./src/domain/partitionKeys.ts";
  import { streamsOfReader } from "./src/domain/streams.ts";
  import { followingCommands } from "./src/http/following/commands.ts";
  import { problems } from "./src/http/problems.ts";
  const calls = [];
  const handleCommand = async (stream, id, command, context) => {
    calls.push([stream.category, id, command, context.sent]);
    return { outcome: "appended", position: 1n, revision: 0n, events: ["AuthorFollowed"], consistencyToken: null };
  };
  const [follow] = followingCommands(handleCommand);
  const asked = { params: { author: "曹雪芹" }, query: {}, body: {}, readerId: "lin", requestId: "r", headers: {} };
  const { body } = await follow.run(asked);
  const metadata = { commandId: "c", commandHash: "h", correlationId: "r", causationId: "c", occurredAt: "t" };
  const encoded = codecOf(followingStream.events).encode({ type: "AuthorFollowed", data: { author: "曹雪芹" } }, "i", metadata);
  console.log(JSON.stringify({
    known: "AuthorFollowed" in allEvents, reader: partitionKeyOf("reader", "following-lin", {}),
    erased: streamsOfReader("lin"), problem: problems.too_many_authors, declared: follow.problems.includes("too_many_authors"),
    version: encoded.metadata.schemaVersion, calls, events: body.events,
  }));`;

test("every step of the page works as written", { timeout: 600_000 }, async () => {
  expect(blocks.map(({ language, path }) => path ?? language)).toEqual([
    "src/domain/following/stream.ts",
    "src/domain/streams.ts",
    "tests/domain/following.test.ts",
    "src/http/following/commands.ts",
    "sh",
  ]);
  for (const block of blocks) if (block.language === "ts") await write(block);
  const [, , tested] = await Promise.all((blocks.at(-1)?.text ?? "").trim().split("\n").map(command));
  // The tests of both files: the example's three, and those of long streams, one of which is for the example.
  expect(tested).toMatch(/Test Files .*2 passed/);
  expect(await readFile(join(copy, "docs/events.md"), "utf8")).toContain("AuthorFollowed");

  await writeFile(join(copy, "follows.ts"), follows);
  expect(JSON.parse(await command("node --import tsx follows.ts"))).toEqual({
    known: true,
    reader: "lin",
    declared: true,
    version: 1,
    events: ["AuthorFollowed"],
    erased: expect.arrayContaining(["shelf-lin", "account-lin", "following-lin"]),
    problem: { status: 409, title: "The reader follows too many authors" },
    calls: [["following", "lin", { type: "FollowAuthor", author: "曹雪芹" }, { author: "曹雪芹" }]],
  });
});
