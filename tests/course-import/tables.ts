import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Field = string | number | null;
export type TableRows = Readonly<Record<string, readonly Readonly<Record<string, Field>>[]>>;

/** A field of a CSV as RFC 4180 has it. */
export const csvField = (field: Field | undefined) => {
  if (field === null || field === undefined) return "NULL";
  const text = String(field);
  return /[",\r\n]|^(?:NULL|\\N)$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** The rows as a CSV, whose first record names the columns. */
export function csvOf(rows: readonly Readonly<Record<string, Field>>[], lineEnd = "\n"): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = rows.map((row) => columns.map((column) => csvField(row[column])).join(","));
  return [columns.join(","), ...lines, ""].join(lineEnd);
}

const jsonLinesOf = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Writes tables into a new folder, as CSV or JSON Lines. */
export async function writeTables(rows: TableRows, format: "csv" | "jsonl" = "csv") {
  const folder = await mkdtemp(join(tmpdir(), "heima-course-"));
  const paths: string[] = [];
  for (const [table, of] of Object.entries(rows)) {
    const path = join(folder, `${table}.${format}`);
    await writeFile(path, format === "csv" ? csvOf(of) : jsonLinesOf(of));
    paths.push(path);
  }
  return { folder, paths, remove: () => rm(folder, { recursive: true, force: true }) };
}
