import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = join(import.meta.dirname, "../../script/conflict-markers");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "heima-conflicts-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const check = () => spawnSync(script, [folder], { encoding: "utf8" });
const track = () => {
  execFileSync("git", ["init", "-q"], { cwd: folder });
  execFileSync("git", ["add", "-A"], { cwd: folder });
};
const ours = `${"<".repeat(7)} HEAD`;
const theirs = `${">".repeat(7)} af67053 (A commit)`;

test.each([ours, theirs, "<".repeat(7), ">".repeat(7)])(
  "%s at the beginning of a line fails and is named",
  (marker) => {
    writeFileSync(join(folder, "a.md"), `one\n${marker}\ntwo\n`);
    track();
    expect(check()).toMatchObject({ status: 1, stdout: expect.stringMatching(/^a\.md:2:/) });
  },
);

test("a heading underlined by =======, longer runs, and a marker within a line are none", () => {
  writeFileSync(join(folder, "a.md"), `Heading\n=======\n\n${"<".repeat(8)}\nsee ${theirs}\n`);
  track();
  expect(check()).toMatchObject({ status: 0, stdout: "" });
});

test("what is not tracked does not count", () => {
  track();
  writeFileSync(join(folder, "a.md"), `${ours}\n`);
  expect(check().status).toBe(0);
});

test("without a repository every file counts", () => {
  writeFileSync(join(folder, "a.md"), `one\n${theirs}\n`);
  expect(check()).toMatchObject({ status: 1, stdout: expect.stringContaining("a.md:2:") });
});
