import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDuck } from "../../src/replay/duck/database.ts";
import { createEvents, wholeCopies } from "../../src/replay/duck/eventsTable.ts";
import { columns } from "../../src/replay/schema/columns.ts";
import { type Columns, writeCopy } from "./writeCopy.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heima-read-files-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const cells = {
  position: 7,
  type: "BookAddedToShelf",
  pinned: true,
  undo_pinned: false,
  book_id: "hongloumeng1",
  retired: "gone",
};
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
    await writeCopy(folder, format, cells, written);
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

test.each(["a*b", "a?b", "a[x]b"])("a folder named %s has its own files alone", async (name) => {
  for (const format of ["csv", "ndjson"] as const) {
    for (const [position, of] of ["axb", "ayyb", name].entries())
      await writeCopy(join(folder, of), format, { ...cells, position });
    const duck = await openDuck();
    try {
      await createEvents(duck, await wholeCopies([join(folder, name)]), false);
      expect(await duck.rows("SELECT position FROM events"), format).toEqual([{ position: "2" }]);
    } finally {
      duck.close();
    }
  }
});
