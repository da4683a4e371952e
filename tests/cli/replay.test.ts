import { expect, test } from "vitest";
import type { ExportArguments } from "../../src/cli/replay/export.ts";
import type { SqlArguments } from "../../src/cli/replay/sql.ts";
import type { Copy } from "../../src/replay/copies.ts";
import { openDuck, type Streamed, type Value } from "../../src/replay/duck/database.ts";
import type { Manifest } from "../../src/replay/export/manifest.ts";
import { views } from "../../src/replay/views/index.ts";
import { runWith } from "./fixtures.ts";

const manifest: Manifest = {
  manifest: 1,
  exportId: "01890a5d-ac96-774b-bcce-b302099a8057",
  release: "1",
  format: "parquet",
  identities: false,
  range: { after: null, upTo: "900" },
  filters: { types: [], books: [], readers: [] },
  events: 12,
  erased: { upTo: "900", events: 3 },
  unreadable: 2,
  columns: [],
  files: [],
};

test("the help of sql names all views", async () => {
  const { stdout } = await runWith(["replay", "sql", "--help"], {});
  for (const { name } of views) expect(stdout).toMatch(new RegExp(`\\b${name}\\b`));
});

test("export passes on what was asked for, sorted and once, and sums up", async () => {
  const asked: ExportArguments[] = [];
  const exportEvents = async (one: ExportArguments) => {
    asked.push(one);
    return manifest;
  };
  const options = [
    "--types",
    "BookOpened, BookAddedToShelf,BookOpened",
    "--book",
    "hongloumeng0",
    "--from",
    "2026-11-01",
    "--to",
    "900",
  ];
  const { code, stdout, stderr } = await runWith(["replay", "export", "--out", "/tmp/out", ...options], {
    exportEvents,
  });
  expect(code, stderr).toBe(0);
  expect(asked).toMatchObject([
    {
      types: ["BookAddedToShelf", "BookOpened"],
      books: ["hongloumeng0"],
      readers: undefined,
      folder: "/tmp/out",
      from: { text: "2026-11-01", moment: { kind: "day" } },
      to: { moment: { kind: "position", position: 900n } },
      identitiesReason: undefined,
    },
  ]);
  expect(stdout).toContain("12 events in 0 files");
  expect(stdout).toContain("3 events of erased readers were left out");
  expect(stdout).toContain("2 events do not match their schema and were left out");
  const json = await runWith(["replay", "export", "--out", "x", "--json"], { exportEvents });
  expect(JSON.parse(json.stdout)).toEqual(manifest);
});

test.each([
  [["--identities"], 1],
  [["--identities", "--by", "li"], 1],
  [["--reason", "x"], 1],
  [["--since", "m.json", "--from", "5"], 1],
  [["--from", "yesterday"], 2],
  [["--format", "xml"], 2],
  [["--book", "x"], 2],
  [["--types", ","], 2],
])("export %s ends with %s", async (args, expected) => {
  const { code } = await runWith(["replay", "export", "--out", "x", ...args], { exportEvents: async () => manifest });
  expect(code).toBe(expected);
});

/** All columns but these have texts. */
const typesOf: Readonly<Record<string, string>> = { n: "BIGINT", share: "DOUBLE" };
const streamed = (columns: readonly string[], ...rows: readonly (readonly Value[])[]) => ({
  columns,
  types: columns.map((name) => typesOf[name] ?? "VARCHAR"),
  chunks: (async function* () {
    yield rows.slice(0, 1);
    yield rows.slice(1);
  })(),
});
const ask =
  (columns: readonly string[], ...rows: readonly (readonly Value[])[]) =>
  async (_: SqlArguments, print: (answer: ReturnType<typeof streamed>) => Promise<void>) =>
    print(streamed(columns, ...rows));
const rows = [
  ["红楼梦", "12", 0.33333333],
  ['a,"b"', "9007199254740993", null],
] as const;

test("rows are printed as a table, in which a Chinese character is two columns wide", async () => {
  const { stdout } = await runWith(["replay", "sql", "SELECT"], { queryEvents: ask(["title", "n", "share"], ...rows) });
  expect(stdout).toBe(
    [
      "title                  n   share",
      "红楼梦                12  0.3333",
      'a,"b"   9007199254740993',
      "2 rows",
      "",
    ].join("\n"),
  );
});

test("rows are printed as CSV and as JSON", async () => {
  const queryEvents = () => ask(["title", "n", "share"], ...rows);
  const csv = await runWith(["replay", "sql", "--format", "csv", "SELECT"], { queryEvents: queryEvents() });
  expect(csv.stdout).toBe('title,n,share\n红楼梦,12,0.33333333\n"a,""b""",9007199254740993,\n');
  const json = await runWith(["replay", "sql", "--format", "json", "SELECT"], { queryEvents: queryEvents() });
  expect(JSON.parse(json.stdout)).toEqual([
    { title: "红楼梦", n: 12, share: 0.33333333 },
    { title: 'a,"b"', n: "9007199254740993", share: null },
  ]);
  const none = await runWith(["replay", "sql", "--format", "json", "SELECT"], { queryEvents: ask(["n"]) });
  expect(none.stdout).toBe("[]\n");
});

test("a text of digits stays a text, whatever the format", async () => {
  const queryEvents = async (_: SqlArguments, print: (answer: Streamed) => Promise<void>) => {
    const duck = await openDuck();
    try {
      await print(
        await duck.stream(`SELECT * FROM (VALUES ('1984', 3::BIGINT, '996', 9::HUGEINT), ('007', 2::BIGINT, '1', 7::HUGEINT))
          AS books (title, readers, keyword, sum) ORDER BY readers DESC`),
      );
    } finally {
      duck.close();
    }
  };
  const json = await runWith(["replay", "sql", "--format", "json", "SELECT"], { queryEvents });
  expect(JSON.parse(json.stdout)).toEqual([
    { title: "1984", readers: 3, keyword: "996", sum: 9 },
    { title: "007", readers: 2, keyword: "1", sum: 7 },
  ]);
  const table = await runWith(["replay", "sql", "SELECT"], { queryEvents });
  expect(table.stdout.split("\n").slice(0, 3)).toEqual([
    "title  readers  keyword  sum",
    "1984         3  996        9",
    "007          2  1          7",
  ]);
});

test("sql wants something to do, and --from is for a fresh copy", async () => {
  expect(await runWith(["replay", "sql"])).toMatchObject({ code: 1 });
  expect((await runWith(["replay", "sql", "--export", "a", "--from", "5", "SELECT 1"])).stderr).toContain("--from");
  const asked: SqlArguments[] = [];
  const queryEvents = async (one: SqlArguments) => void asked.push(one);
  expect((await runWith(["replay", "sql", "--into", "/tmp/e.duckdb"], { queryEvents })).code).toBe(0);
  expect(asked).toMatchObject([{ sql: undefined, folders: [], into: "/tmp/e.duckdb" }]);
  await runWith(["replay", "sql", "--export", "/a", "--export", "/b", "SELECT 1"], { queryEvents });
  expect(asked.at(-1)).toMatchObject({ sql: "SELECT 1", folders: ["/a", "/b"] });
});

test("report takes days in their order", async () => {
  const asked: unknown[] = [];
  const reportEvents = async (one: unknown) => {
    asked.push(one);
    return 2 ** 20;
  };
  const period = ["--from", "2026-11-01", "--to", "2026-11-30"];
  const done = await runWith(["replay", "report", ...period, "--out", "/tmp/r.html"], { reportEvents });
  expect(done).toMatchObject({ code: 0, stdout: "/tmp/r.html: 1.0 MiB\n" });
  expect(asked).toEqual([{ from: "2026-11-01", to: "2026-11-30", folders: [], out: "/tmp/r.html" }]);
  const turned = ["--from", "2026-11-30", "--to", "2026-11-01"];
  expect((await runWith(["replay", "report", ...turned, "--out", "r"], { reportEvents })).code).toBe(1);
  expect((await runWith(["replay", "report", "--from", "5", "--out", "r"], { reportEvents })).code).toBe(2);
});

test("the copies are listed, and one whose files are deleted is taken off", async () => {
  const copy: Copy = {
    exportId: "e1",
    requestedBy: "li\u001b",
    identitiesReason: null,
    place: "host:/data",
    format: "parquet",
    after: null,
    upTo: 2n ** 60n,
    filters: {},
    startedAt: new Date(0),
    finishedAt: new Date(0),
    events: 7n,
    erased: ["0af1"],
  };
  const listCopies = async () => [copy];
  const { stdout } = await runWith(["replay", "exports"], { listCopies });
  expect(stdout.split("\n")[1]).toBe(
    "e1      li   1970-01-01T00:00       7  -1152921504606846976  pseudonyms             1  host:/data",
  );
  const json = JSON.parse((await runWith(["replay", "exports", "--json"], { listCopies })).stdout);
  expect(json).toMatchObject([{ upTo: "1152921504606846976", erased: ["0af1"] }]);
  const [known, unknown] = ["01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"];
  const forgetCopy = async (id: string) => id === known;
  expect(await runWith(["replay", "exports", "--forget", known], { forgetCopy })).toMatchObject({ code: 0 });
  expect(await runWith(["replay", "exports", "--forget", unknown], { forgetCopy })).toMatchObject({ code: 1 });
  expect(await runWith(["replay", "exports", "--forget", "e1"], { forgetCopy })).toMatchObject({ code: 2 });
});
