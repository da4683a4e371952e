import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compareNamed, projectTrial } from "../../src/main/trials.ts";
import { createTrials } from "../../src/projections/catalog/trials.ts";
import { fillBuild } from "../../src/projections/engine/builds/fill/fillBuild.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import { shelf } from "../../src/projections/shelf/shelf.ts";
import { loadReadModel } from "../../src/replay/project/loadReadModel.ts";
import { codec, logger, quick } from "../projections/fixtures.ts";
import { freshStore, type Store } from "../projections/store.ts";
import { append, type Logged, logOf } from "./memoryLog.ts";

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const shelfFile = fileOf("../../src/projections/shelf/shelf.ts");
const unpinnedFile = fileOf("./models/unpinnedShelf.ts");
const onShelf = (reader: string, type: "BookAddedToShelf" | "ShelfBookPinned", bookId: string): Logged => [
  `shelf-${reader}`,
  { type, data: { bookId } },
];

let store: Store;
let log: Awaited<ReturnType<typeof logOf>>;
let live: Build;
beforeAll(async () => {
  store = await freshStore();
  log = await logOf([
    onShelf("a", "BookAddedToShelf", "hongloumeng1"),
    onShelf("a", "BookAddedToShelf", "shuihuzhuan1"),
    onShelf("b", "BookAddedToShelf", "hongloumeng1"),
    onShelf("a", "ShelfBookPinned", "hongloumeng1"),
  ]);
  live = await store.add(shelf, 2);
  await fillLive();
  await store.store.takeOver(live, undefined, async () => true);
});
afterAll(() => store.close());

const fillLive = () =>
  fillBuild(
    { store: store.store, catalog: store.catalog, eventStore: log, codec, logger, timing: quick },
    live,
    new AbortController().signal,
  );
const project = (file: string, schema: string, replace = false, signal = new AbortController().signal) =>
  projectTrial(
    { pool: store.pool, eventStore: log, logger },
    { file, schema, replace },
    { onProgress: () => {}, signal },
    "baochai",
  );
const compare = (first: string, second: string, most = 100) => compareNamed({ pool: store.pool }, first, second, most);

test("a trial of the deployed declaration is what the live build is, and goes on with the log", async () => {
  const built = await project(shelfFile, "shelf_trial");
  expect(built).toMatchObject({
    schema: "shelf_trial",
    isComplete: true,
    position: 400n,
    parked: [],
    tables: [
      { table: "shelf_books", rows: 3n },
      { table: "shelf_groups", rows: 0n },
      { table: "shelf_removed_books", rows: 0n },
    ],
  });
  const same = await compare("shelf", "shelf_trial");
  expect(same).toMatchObject({
    builds: { first: live.name, second: "shelf_trial" },
    differences: 0n,
    shapes: [],
    found: [],
    positions: { first: 400n, second: 400n },
  });
  expect(await createTrials(store.pool).list()).toMatchObject([
    { schema: "shelf_trial", readModel: "shelf", version: 4, madeBy: "baochai", filledAt: expect.any(Date) },
  ]);
  await append(log, [onShelf("c", "BookAddedToShelf", "shuihuzhuan1")]);
  expect((await project(shelfFile, "shelf_trial")).tables[0]).toEqual({ table: "shelf_books", rows: 4n });
  const behind = await compare("shelf", "shelf_trial");
  expect(behind).toMatchObject({ differences: 1n, positions: { first: 400n, second: 500n } });
  expect(behind.found).toEqual([
    { kind: "only_in_second", table: "shelf_books", key: ["c", "shuihuzhuan1"], columns: [] },
  ]);
  // Workers do not see the trial: the builds of the catalog are unchanged.
  expect((await store.catalog.list()).map(({ name }) => name)).toEqual([live.name]);
});

test("another declaration is told row by row and column by column", async () => {
  await project(shelfFile, "deployed");
  await project(unpinnedFile, "unpinned");
  const compared = await compare("deployed", "unpinned");
  expect(compared.found).toEqual([
    {
      kind: "different",
      table: "shelf_books",
      key: ["a", "hongloumeng1"],
      columns: [{ column: "pinned", first: "true", second: "false" }],
    },
  ]);
  await store.pool.query("DELETE FROM unpinned.shelf_books WHERE reader_id = 'b'");
  await store.pool.query("ALTER TABLE unpinned.shelf_groups ADD COLUMN colour text");
  await store.pool.query("DROP TABLE unpinned.shelf_removed_books");
  const more = await compare("deployed", "unpinned", 1);
  expect(more).toMatchObject({
    differences: 4n,
    shapes: ["shelf_groups.colour is only in the second", "the table shelf_removed_books is only in the first"],
    found: [{ key: ["a", "hongloumeng1"] }],
  });
  expect((await compare("deployed", "unpinned")).found[1]).toMatchObject({
    kind: "only_in_first",
    key: ["b", "hongloumeng1"],
  });
});

test("a name is of one file, and of nobody else's schema", async () => {
  await project(shelfFile, "mine");
  await expect(project(unpinnedFile, "mine")).rejects.toThrow("was made of another file");
  expect((await project(unpinnedFile, "mine", true)).isComplete).toBe(true);
  await expect(project(shelfFile, live.name)).rejects.toThrow("is there, and is no trial");
  await expect(compare("shelf", "nothing")).rejects.toThrow("nothing is no build");
  expect(await createTrials(store.pool).drop("mine")).toBe(true);
  expect(await createTrials(store.pool).drop("mine")).toBe(false);
  await expect(compare("shelf", "mine")).rejects.toThrow("mine is no build");
});

test("what is refused is parked and shown, and goes with the trial", async () => {
  await append(log, [["shelf-d", { type: "BookAddedToShelf", data: { bookId: 7 } } as never]]);
  const { parked } = await project(shelfFile, "with_poison");
  expect(parked).toMatchObject([{ key: "d", type: "BookAddedToShelf", position: 600n, events: 1 }]);
  expect(await createTrials(store.pool).dropAll()).toEqual([]);
  const { rows } = await store.pool.query("SELECT build FROM projections.parked WHERE build = 'with_poison'");
  expect(rows).toEqual([]);
  expect(await createTrials(store.pool).list()).toEqual([]);
});

// All 101 reserved words (pg_get_keywords) were tested once.
test.each(["user", "select", "left", "table"])("a trial may have the reserved word %s for a name", async (word) => {
  expect((await project(shelfFile, word)).isComplete).toBe(true);
  expect((await compare(word, word)).differences).toBe(0n);
  expect((await project(shelfFile, word, true)).isComplete).toBe(true);
  expect(await createTrials(store.pool).drop(word)).toBe(true);
});

test("a trial that cannot be dropped is named, and keeps no other", async () => {
  await project(shelfFile, "before");
  const add =
    "INSERT INTO projections.trials (schema_name, read_model, version, digest, made_by) VALUES ($1, '', 1, '', '')";
  await store.pool.query(add, ["pg_catalog"]);
  await project(shelfFile, "user");
  expect(await createTrials(store.pool).dropAll()).toMatchObject([
    { schema: "pg_catalog", error: { message: expect.stringContaining("required by the database system") } },
  ]);
  expect(await createTrials(store.pool).list()).toMatchObject([{ schema: "pg_catalog" }]);
  await store.pool.query("DELETE FROM projections.trials");
});

test("a fill that is stopped goes on with the same command", async () => {
  const stopped = await project(shelfFile, "stopped", false, AbortSignal.abort());
  expect(stopped).toMatchObject({ isComplete: false, position: -1n });
  expect((await project(shelfFile, "stopped")).isComplete).toBe(true);
});

test("a file that declares no read model, or a wrong one, is told", async () => {
  await expect(loadReadModel(fileOf("./memoryLog.ts"))).rejects.toThrow("exports nothing that defineReadModel made");
  await expect(loadReadModel(fileOf("./nothing.ts"))).rejects.toThrow("cannot read");
  expect((await loadReadModel(unpinnedFile)).readModel.version).toBe(99);
});
