import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cruise, type ICruiseOptions, type ICruiseResult } from "dependency-cruiser";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const project = fileURLToPath(new URL("../../", import.meta.url));
const rules = createRequire(import.meta.url)(`${project}.dependency-cruiser.cjs`) as {
  forbidden: NonNullable<ICruiseOptions["ruleSet"]>["forbidden"];
  options: ICruiseOptions;
};

/** The names of the rules that the code below `folder` violates. */
async function violations(folder: string): Promise<string[]> {
  const options = { ...rules.options, baseDir: folder, validate: true, ruleSet: { forbidden: rules.forbidden } };
  const { output } = await cruise(["src", "embedded"], options as ICruiseOptions);
  return (output as ICruiseResult).summary.violations.map((violation) => violation.rule.name);
}

test("no file of src or embedded crosses a boundary", async () => {
  expect(await violations(project)).toEqual([]);
});

describe("a boundary that is crossed is named", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "heima-boundaries-"));
    await symlink(`${project}node_modules`, join(folder, "node_modules"));
    await symlink(`${project}tsconfig.json`, join(folder, "tsconfig.json"));
    await write("embedded/part.ts", "export const part = 1;");
    await write("embedded/eventstore/grpc/b.ts", "export const b = 1;");
    await write("src/queries/shelf/listShelf.ts", "export const listShelf = 1;");
    await write("src/projections/engine/progress/lag.ts", "export const lag = 1;");
    await write("src/projections/engine/workers/workers.ts", "export const workers = 1;");
    await write("src/projections/shelf/shelf.ts", "export const shelf = 1;");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };

  test.each([
    [
      "a command that asks a query",
      "src/commands/a.ts",
      "../queries/shelf/listShelf.ts",
      /^src\/commands imports only/,
    ],
    [
      "src that leans on a stand-in",
      "src/platform/a.ts",
      "../../embedded/part.ts",
      /^src imports nothing from embedded/,
    ],
    [
      "a stand-in that shares code with src",
      "embedded/a.ts",
      "../src/queries/shelf/listShelf.ts",
      /^embedded imports nothing/,
    ],
    [
      "a second home of the store's client",
      "src/commands/a.ts",
      "@eventstore/db-client",
      /^@eventstore\/db-client is imported by/,
    ],
    [
      "an event store whose log knows of gRPC",
      "embedded/eventstore/log/a.ts",
      "../grpc/b.ts",
      /^embedded\/eventstore\/log uses only/,
    ],
    [
      "a query that asks the engine",
      "src/queries/a.ts",
      "../projections/engine/progress/lag.ts",
      /^queries know of the projections the declarations/,
    ],
    [
      "an endpoint that runs code of the engine",
      "src/http/a.ts",
      "../projections/engine/progress/lag.ts",
      /^http knows of the projections their registered names and types alone/,
    ],
    [
      "queues of the engine that know what workers do",
      "src/projections/engine/transport/a.ts",
      "../workers/workers.ts",
      /^src\/projections\/engine\/transport uses only/,
    ],
    [
      "a declaration of one read model that leans on another",
      "src/projections/days/days.ts",
      "../shelf/shelf.ts",
      /^read models are declarations/,
    ],
    ["a domain that does I/O", "src/domain/a.ts", "node:fs", /^domain is pure/],
  ])("%s", async (_, path, imported, rule) => {
    await write(path, `import "${imported}";\nexport const a = 1;`);
    expect(await violations(folder)).toEqual([expect.stringMatching(rule)]);
  });
});
