import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { shelf } from "../../src/projections/shelf/shelf.ts";
import { viewSchema, viewsOf } from "../../src/projections/views.ts";

const src = fileURLToPath(new URL("../../src/", import.meta.url));

test("a view is named after the read model, its version and the table", () => {
  const next = { ...shelf, version: shelf.version + 1 };
  expect(viewSchema(next)).toBe(`shelf_v${next.version}`);
  expect(viewsOf(next)).toEqual({
    shelf_books: `shelf_v${next.version}.shelf_books`,
    shelf_groups: `shelf_v${next.version}.shelf_groups`,
    shelf_removed_books: `shelf_v${next.version}.shelf_removed_books`,
  });
});

test("no query and no endpoint spells the name of a view: a raised version would leave it with the old build", () => {
  const spelt = ["queries", "http", "commands", "auth"].flatMap((layer) =>
    readdirSync(join(src, layer), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => join(layer, path))
      .filter((path) => /\b\w+_v\d+\.\w/.test(readFileSync(join(src, path), "utf8"))),
  );
  expect(spelt).toEqual([]);
});
