import { chunksOf } from "../../../platform/chunksOf.ts";
import type { Build } from "../../engine/core/build.ts";
import { partitionColumn, type Row, type RowNumbers } from "../../engine/core/declaration.ts";
import type { Context } from "./context.ts";
import { declared } from "./layout.ts";

/** Keys per request. */
const atOnce = 5_000;

/** The current numbers of rows, for documents about to be written. Unknown numbers are zero. */
export async function numbersOf(
  context: Context,
  build: Build,
  rows: readonly Row[],
): Promise<(row: Row) => RowNumbers> {
  const { table, index } = declared(build);
  const asOf = context.now();
  const none = Object.fromEntries((index.numbers ?? []).map((name) => [name, 0]));
  const source = context.numbers[build.readModel.name];
  const keyOf = (row: Row) => String(row[partitionColumn(table)]);
  const known = new Map<string, Readonly<Record<string, number>>>();
  if (source !== undefined) {
    const keys = [...new Set(rows.map(keyOf))];
    for (const some of chunksOf(keys, atOnce))
      for (const [key, numbers] of await source.of(some)) known.set(key, numbers);
  }
  return (row) => ({ ...none, ...known.get(keyOf(row)), asOf }) as RowNumbers;
}
