import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startNodeChild } from "../../embedded/nodeChild.ts";
import { givenParts } from "../../embedded/supervisor/given.ts";
import { type Stack, startStack } from "../../embedded/supervisor/stack.ts";

let folder = "";
let stack: Stack | undefined;
afterAll(async () => {
  await stack?.stop();
  if (folder !== "") await rm(folder, { recursive: true, force: true });
});

type Books = {
  readonly items: readonly { readonly bookId: string; readonly title: string; readonly author: string }[];
};
const listed = async ({ api }: Stack) => ((await (await fetch(`${api}/v1/books`)).json()) as Books).items;

async function heima({ environment }: Stack, ...args: readonly string[]): Promise<void> {
  const child = await startNodeChild({
    script: "src/main/cli.ts",
    arguments: args,
    environment: { ...process.env, ...environment },
    logFile: join(folder, "heima.log"),
  });
  expect(await child.exited).toBe("exit code 0");
}

/** A novel of a few chapters. */
async function novel(name: string, word: string): Promise<string> {
  const chapters = [1, 2, 3].map((no) => `第${no}章 ${word}${no}\n\n${`${word}，${no}。`.repeat(300)}\n`);
  const path = join(folder, name);
  await writeFile(path, chapters.join("\n"));
  return path;
}

// Other servers may have other books.
test.skipIf(Object.keys(givenParts(process.env)).length > 0)(
  "a stack starts again whatever became of its library: a title too long to search for, a demo book withdrawn, another one replaced",
  async () => {
    folder = await mkdtemp(join(tmpdir(), "heima-again-"));
    const dataDir = join(folder, "data");
    const title = "长".repeat(150);
    stack = await startStack({ dataDir, logLevel: "warn" });
    const [withdrawn, replaced] = await listed(stack);
    await heima(stack, "library", "withdraw", withdrawn?.bookId ?? "");
    const [other, long] = [await novel("other.txt", "换"), await novel("long.txt", "新")];
    const same = ["--title", replaced?.title ?? "", "--author", replaced?.author ?? ""];
    await heima(stack, "library", "import", other, ...same, "--replace");
    await heima(stack, "library", "import", long, "--title", title);
    await stack.stop();

    const lines: string[] = [];
    stack = await startStack({ dataDir, logLevel: "warn", progress: (line) => lines.push(line) });
    const books = await listed(stack);
    expect(books).toHaveLength(6);
    expect(books[0]?.title).toBe(title);
    expect(lines.at(-1)).toMatch(/^the library stays as it is: /);
    const chapters = await fetch(`${stack.api}/v1/books/${replaced?.bookId}/chapters`);
    expect(await chapters.text()).toContain("换1");
  },
  600_000,
);
