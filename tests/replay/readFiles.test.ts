import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDuck } from "../../src/replay/duck/database.ts";
import { createEvents, wholeCopies } from "../../src/replay/duck/eventsTable.ts";
import { columns } from "../../src/replay/schema/columns.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heima-read-files-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Columns = readonly { readonly name: string; readonly type: string }[];

/** A copy as a release with these columns wrote it, of one event. */
async function copyOf(format: "csv" | "ndjson", written: Columns): Promise<void> {
  const cells: Readonly<Record<string, string | number | boolean>> = {
    position: 7,
    type: "BookAddedToShelf",
    pinned: true,
    undo_pinned: false,
    book_id: "hongloumeng1",
    retired: "gone",
  };
  const names = written.map(({ name }) => name);
  const csv = `${names.join(",")}\n${names.map((name) => JSON.stringify(cells[name]) ?? "").join(",")}\n`;
  const json = `${JSON.stringify(Object.fromEntries(names.map((name) => [name, cells[name]])))}\n`;
  await writeFile(join(folder, `a.${format}`), format === "csv" ? csv : json);
  const file = { file: `a.${format}`, day: "2026-11-01", events: 1, leftOut: 0, from: null, first: "7", last: "7" };
  const manifest = {
    manifest: 1,
    exportId: "01890a5d-ac96-774b-bcce-b302099a8057",
    release: "0.1.0",
    format,
    identities: false,
    range: { after: null, upTo: "900" },
    filters: { types: [], books: [], readers: [] },
    events: 1,
    erased: { upTo: "900", events: 0 },
    columns: written.map(({ name, type }) => ({ name, type })),
    files: [{ ...file, bytes: 1, sha256: "0" }],
  };
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
}

const without = (...names: readonly string[]): Columns => columns.filter(({ name }) => !names.includes(name));
const swapped = (one: string, other: string): Columns =>
  columns.map((column) => {
    const name = column.name === one ? other : column.name === other ? one : column.name;
    return columns.find((known) => known.name === name) ?? column;
  });
const whole = { position: "7", type: "BookAddedToShelf", pinned: true, undo_pinned: false, book_id: "hongloumeng1" };

test.each([
  ["that is this one", columns, whole],
  ["that lacked a column", without("undo_pinned"), { ...whole, undo_pinned: null }],
  ["that had the columns in another order", swapped("pinned", "undo_pinned"), whole],
  ["of which this one lacks a column", [{ name: "retired", type: "VARCHAR" }, ...columns], whole],
] as const)("a copy of a release %s has its values in their columns", async (_, written, expected) => {
  for (const format of ["csv", "ndjson"] as const) {
    await copyOf(format, written);
    const duck = await openDuck();
    try {
      await createEvents(duck, await wholeCopies([folder]), false);
      const rows = await duck.rows("SELECT position, type, pinned, undo_pinned, book_id FROM events");
      expect(rows, format).toEqual([expected]);
    } finally {
      duck.close();
    }
  }
});
