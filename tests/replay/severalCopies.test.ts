import { execFileSync } from "node:child_process";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { queryEvents } from "../../src/main/queryEvents.ts";
import { reportEvents } from "../../src/main/reportEvents.ts";
import { columns } from "../../src/replay/schema/columns.ts";
import { runWith } from "../cli/fixtures.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heima-several-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Of = { after?: string | null; upTo: string; identities?: boolean; types?: readonly string[] };

/** A copy of one reading, at its end; its folder. */
async function copy(name: string, { after = null, upTo, identities = false, types = [] }: Of): Promise<string> {
  const own = join(folder, name);
  await mkdir(own);
  const at = "2026-11-01T00:00:00Z";
  const reading = { position: Number(upTo), type: "ReadingProgressed", reader: name, happened_day: "2026-11-01" };
  const more = { happened_at: at, created: at, active_seconds: 60, book_id: "hongloumeng1", chapter_no: 1 };
  await writeFile(join(own, "a.ndjson"), `${JSON.stringify({ ...reading, ...more })}\n`);
  const file = { file: "a.ndjson", day: "2026-11-01", events: 1, leftOut: 0, from: after, first: upTo, last: upTo };
  const manifest = {
    manifest: 1,
    exportId: "01890a5d-ac96-774b-bcce-b302099a8057",
    release: "1",
    format: "ndjson",
    identities,
    range: { after, upTo },
    filters: { types, books: [], readers: [] },
    events: 1,
    erased: { upTo, events: 0 },
    columns: columns.map(({ name, type }) => ({ name, type })),
    files: [{ ...file, bytes: 1, sha256: "0" }],
  };
  await writeFile(join(own, "manifest.json"), JSON.stringify(manifest));
  return own;
}

const heima = (command: readonly string[], folders: readonly string[], ...rest: readonly string[]) =>
  runWith(["replay", ...command, ...folders.flatMap((one) => ["--export", one]), ...rest], {
    queryEvents: (asked, print, options) => queryEvents(asked, print, "li", options),
    reportEvents: (asked, print, options) => reportEvents(asked, print, "li", options),
  });
const count = (...folders: readonly string[]) =>
  heima(["sql"], folders, "--format", "csv", "SELECT count(*) AS events FROM events");

test("copies that follow each other are added up without a word, in whatever order they are given", async () => {
  const [first, second] = [
    await copy("first", { upTo: "100", types: ["BookOpened", "ReadingProgressed"] }),
    await copy("second", { after: "100", upTo: "200", types: ["ReadingProgressed", "BookOpened"] }),
  ];
  expect(await count(second, first)).toMatchObject({ code: 0, stdout: "events\n2\n", stderr: "" });
});

test("one that names readers and one with pseudonyms are refused", async () => {
  const [named, hidden] = [
    await copy("named", { upTo: "100", identities: true }),
    await copy("hidden", { after: "100", upTo: "200" }),
  ];
  const answer = await count(named, hidden);
  expect(answer).toMatchObject({ code: 1, stdout: "" });
  expect(answer.stderr).toBe(
    `heima: of ${named} and ${hidden} only one names readers: a reader of both would count as two\n`,
  );
});

test("what lies between copies, and filters that differ, are warned of", async () => {
  const [early, late] = [
    await copy("early", { after: "50", upTo: "100" }),
    await copy("late", { after: "900", upTo: "1000", types: ["ReadingProgressed"] }),
  ];
  const both = `heima: ${early} and ${late}`;
  const warnings = [
    `${both} leave out the events after 100 up to 900`,
    `${both} were made with different --types, --book or --reader`,
  ];
  expect(await count(early, late)).toMatchObject({
    code: 0,
    stdout: "events\n2\n",
    stderr: warnings.map((line) => `${line}\n`).join(""),
  });
  const report = await heima(["report"], [early, late], "--out", join(folder, "report.html"));
  expect(report.code, report.stderr).toBe(0);
  expect(report.stderr.split("\n")).toEqual([
    ...warnings,
    `heima: ${early} does not begin with the log: who read before it counts as new in retention`,
    "",
  ]);
});

describe("a symbolic link that is written to stays, and what it stands for is replaced", () => {
  test.each([
    ["there", "a report"],
    ["there", "a database"],
    ["not there yet", "a report"],
    ["not there yet", "a database"],
  ])("%s: %s", async (before, what) => {
    const own = await mkdtemp(join(folder, "link-"));
    const [file, link, first] = [
      join(own, "files", "file"),
      join(own, "link"),
      await copy(`linked ${before} ${what}`, { upTo: "100" }),
    ];
    await mkdir(join(own, "files"));
    if (before === "there") await writeFile(file, "old");
    await symlink("files/file", link);
    const command = what === "a report" ? ["report", "--out", link] : ["sql", "--into", link];
    expect(await heima(command, [first])).toMatchObject({ code: 0 });
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect((await readFile(file)).length).toBeGreaterThan(1_000);
    expect(await readdir(own)).toEqual(["files", "link"]);
    expect(await readdir(join(own, "files"))).toEqual(["file"]);
  });
});

test("a report is written into a pipe, which stays; a database is not", async () => {
  const pipe = join(await mkdtemp(join(folder, "pipe-")), "pipe");
  execFileSync("mkfifo", [pipe]);
  const first = await copy("piped", { upTo: "100" });
  const [done, text] = await Promise.all([heima(["report", "--out", pipe], [first]), readFile(pipe, "utf8")]);
  expect(done).toMatchObject({ code: 0, stderr: "" });
  expect([text.slice(0, 15), text.trimEnd().slice(-7)]).toEqual(["<!doctype html>", "</html>"]);
  expect((await lstat(pipe)).isFIFO()).toBe(true);
  expect(await heima(["sql", "--into", pipe], [first])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("is a pipe or a device"),
  });
});

test("a report on the standard output is the page and nothing else; a database cannot be written there", async () => {
  const first = await copy("printed", { upTo: "100" });
  const done = await heima(["report", "--out", "/dev/stdout"], [first]);
  expect(done).toMatchObject({ code: 0, stderr: expect.stringMatching(/^\/dev\/stdout: \d+\.\d MiB\n$/) });
  expect([done.stdout.slice(0, 15), done.stdout.trimEnd().slice(-7)]).toEqual(["<!doctype html>", "</html>"]);
  expect(await heima(["sql", "--into", "/dev/stdout"], [first])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("is where the output goes: name a file"),
  });
});
