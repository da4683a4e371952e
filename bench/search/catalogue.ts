import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BookRow } from "../../src/projections/books/document.ts";
import { categoryId, subCategoryId } from "../../src/projections/library/categoryId.ts";

type Line = Readonly<Record<string, string | number | undefined>>;

/** The books of every `catalog-…/books.jsonl` in a folder, as the library would have them; at most `most`. */
export async function readCatalogues(folder: string, most = Number.POSITIVE_INFINITY): Promise<readonly BookRow[]> {
  const catalogues = (await readdir(folder)).filter((name) => name.startsWith("catalog-")).sort();
  if (catalogues.length === 0) throw new Error(`${folder} has no folder catalog-… with a books.jsonl`);
  const rows: BookRow[] = [];
  for (const catalogue of catalogues) {
    const text = await readFile(join(folder, catalogue, "books.jsonl"), "utf8");
    for (const line of text.split("\n")) {
      if (line.trim() !== "" && rows.length < most) rows.push(rowOf(JSON.parse(line) as Line, rows.length));
    }
  }
  return rows;
}

function rowOf(line: Line, number: number): BookRow {
  const category = String(line.category || "其他");
  const sub_category = line.subCategory ? String(line.subCategory) : null;
  return {
    book_id: `b${String(number).padStart(11, "0")}`,
    title: String(line.title).trim(),
    author: String(line.author || "佚名").trim(),
    intro: String(line.intro ?? "").trim(),
    channel: "male",
    category,
    category_id: categoryId("male", category),
    sub_category,
    sub_category_id: subCategoryId("male", category, sub_category),
    status: line.status === "完本" || line.serialStatus === 1 ? "finished" : "serialising",
    words: line.words === undefined ? null : BigInt(line.words),
    updated_at: new Date(Date.UTC(2026, 0, 1) + number * 60_000),
    withdrawn_at: null,
  };
}
