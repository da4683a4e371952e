import type { ExportFormat, Manifest } from "../export/manifest.ts";
import { columns } from "../schema/columns.ts";
import { type ColumnType, sqlTypeOf } from "../schema/fields.ts";
import { literal, literals } from "./database.ts";

/** Bytes of the longest line: an event of at most 1 MiB, in which every character may be escaped. */
const longestLine = 16 * 1_024 * 1_024;

/** DuckDB takes paths for patterns, which `a*b` and its neighbours match; in brackets a character stands for itself. */
const asPattern = (path: string) => path.replace(/[*?[]/g, "[$&]");

/**
 * A table function of SQL that reads files of an export. `written` are their columns in the order of the manifest: cells of CSV
 * have only their places as names. Empty texts of CSV are quoted, null is not.
 */
export function readFiles(
  files: readonly string[],
  format: ExportFormat,
  written: readonly Manifest["columns"][number][] = columns,
): string {
  const list = literals(files.map(asPattern));
  if (format === "parquet") return `read_parquet(${list}, hive_partitioning = false)`;
  const typed = `{${written.map(({ name, type }) => `${literal(name)}: ${literal(sqlTypeOf(type as ColumnType))}`).join(", ")}}`;
  if (format === "ndjson")
    return `read_json(${list}, format = 'newline_delimited', columns = ${typed}, maximum_object_size = ${longestLine}, hive_partitioning = false)`;
  return `read_csv(${list}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', nullstr = '',
    allow_quoted_nulls = false, max_line_size = ${longestLine}, parallel = false, hive_partitioning = false, columns = ${typed})`;
}
