import { expect, test } from "vitest";
import type { HeimaEvent } from "../../src/domain/events.ts";
import { handles, type Row } from "../../src/projections/engine/core/declaration.ts";
import { readModels } from "../../src/projections/registry.ts";
import { type Given, given } from "../support/readModel.ts";

/** A reader's report from the same book and chapter as the one before, some seconds later. */
function report(second: number): Given {
  const event: HeimaEvent = {
    type: "ReadingProgressed",
    data: {
      entryId: `00000000-0000-4000-8000-${String(second).padStart(12, "0")}`,
      bookId: "hongloumeng0",
      chapterId: "chapter00001",
      chapterNo: 1,
      offset: second,
      deviceId: "phone",
      readAt: new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString(),
      activeSeconds: 1,
    },
  };
  return ["progress-reader", event, new Date(Date.UTC(2026, 0, 1) + second * 1_000)];
}

/** `model.table (index)` for each index on a column of an existing row that the last of these events changes. */
function indexesOnChanged(...events: readonly Given[]): readonly string[] {
  const found: string[] = [];
  for (const readModel of readModels.filter((model) => handles(model, "ReadingProgressed"))) {
    const before = given(readModel, ...events.slice(0, -1));
    const after = given(readModel, ...events);
    for (const [name, { primaryKey, indexes = [] }] of Object.entries(readModel.tables)) {
      const keyOf = (row: Row) => JSON.stringify(primaryKey.map((column) => row[column]));
      const rows = new Map(after.rows(name).map((row) => [keyOf(row), row]));
      const changed = before.rows(name).flatMap((row) => {
        const other = rows.get(keyOf(row));
        return Object.keys(row).filter((column) => String(row[column]) !== String(other?.[column]));
      });
      for (const index of indexes)
        if (changed.some((column) => new RegExp(`\\b${column}\\b`).test(index)))
          found.push(`${readModel.name}.${name} ${index}`);
    }
  }
  return found;
}

test("a report of progress changes no indexed column, so Postgres updates rows within their page", () => {
  expect(indexesOnChanged(report(1), report(20))).toEqual([]);
});
