import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// docs/projection-protocol.md: each rule has one id, and each cited id exists.

const project = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(join(project, path), "utf8");
const text = read("docs/projection-protocol.md");

/** The cells of each row of each table, without the head. */
const rows = [...text.matchAll(/^\|.*\|\n\|[-|]+\|\n((?:\|.*\|\n)+)/gm)]
  .flatMap(([, body = ""]) => body.trim().split("\n"))
  .map((line) =>
    line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
const ids = rows.map(([id = ""]) => id);

/** The ids in "rule 4a", "rules 17 and 18" and "rules 20 to 24c", also if a comment continues on the next line. */
function citedIn(source: string): readonly string[] {
  const lines = source.replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, " ");
  return [...lines.matchAll(/\brules? (\d+[a-z]?(?:(?:, | and | to )\d+[a-z]?)*)\b/gi)].flatMap(([, list = ""]) =>
    list.split(/, | and | to /),
  );
}

const tracked = (...paths: string[]) =>
  execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", ...paths], {
    cwd: project,
    encoding: "utf8",
  })
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(project, path)));

test("every row has an id, and no id is given twice", () => {
  expect(rows.length).toBeGreaterThan(50);
  for (const row of rows) expect(row[0], row.join(" | ")).toMatch(/^\d+[a-z]?$/);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test("the text of each rule follows its table once, in the order of the rows", () => {
  expect([...text.matchAll(/^\*\*(\d+[a-z]?)\*\* /gm)].map(([, id]) => id)).toEqual(ids);
});

test("every rule that code, tests and documents cite is there", () => {
  const cited = tracked("src", "tests", "embedded", "bench", "docs")
    .filter((path) => /\.(ts|md)$/.test(path) && path !== "tests/docs/protocol.test.ts")
    .flatMap((path) => citedIn(read(path)).map((id) => ({ path, id })));
  expect(cited.length).toBeGreaterThan(30);
  expect(cited.filter(({ id }) => !ids.includes(id))).toEqual([]);
});

test("a test of the index's rules begins with the id of its rule", () => {
  const titles = [...read("tests/projections/stores/indexRules.test.ts").matchAll(/^test\("(.*?)[:"]/gm)];
  expect(titles.length).toBeGreaterThan(10);
  expect(titles.map(([, id]) => id).filter((id = "") => !ids.includes(id))).toEqual([]);
});

test("every test that a row names is there", () => {
  const named = rows.filter((row) => row.length === 4).flatMap(([, , , tests = ""]) => [...tests.matchAll(/`(.*?)`/g)]);
  expect(named.length).toBeGreaterThan(50);
  const isThere = (name: string) =>
    [`tests/projections/${name}.test.ts`, `tests/projections/${name}.ts`, `${name}.test.ts`].some((path) =>
      existsSync(join(project, path)),
    );
  expect(named.map(([, name = ""]) => name).filter((name) => !isThere(name))).toEqual([]);
});
