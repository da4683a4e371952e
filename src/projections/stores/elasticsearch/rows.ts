import type { estypes } from "@elastic/elasticsearch";
import type { Build } from "../../engine/core/build.ts";
import { type LoadedRows, noRows } from "../../engine/core/changes.ts";
import { partitionColumn, type Row, type Table } from "../../engine/core/declaration.ts";
import type { Patterns } from "../../engine/core/plan.ts";
import { keyText, matches } from "../../engine/core/rowKeys.ts";
import type { ByTable } from "../../engine/ports/readModelStore.ts";
import type { Context } from "./context.ts";
import { atMoment, getDocuments } from "./documents.ts";
import { columnKeyword, declared, keywordOf, rowId } from "./layout.ts";
import { rowOf } from "./values.ts";

/** An existing row, and the position up to which it has seen its events. */
export type Kept = { readonly row: Row; readonly position: bigint };

/** The rows with these keys in real time, with the positions up to which they have seen their events, including deleted rows. */
export async function loadRows(context: Context, build: Build, keys: ByTable<readonly Row[]>): Promise<LoadedRows> {
  const { name, table } = declared(build);
  const wanted = keys.get(name);
  if (wanted === undefined) return noRows;
  const texts = wanted.map((key) => keyText(table, key));
  const found = await getDocuments(context, build, [...new Set(texts.map((text) => rowId(table, text)))]);
  const rows = new Map<string, Row>();
  const seen = new Map<string, bigint>();
  for (const text of texts) {
    const engine = found.get(rowId(table, text));
    if (engine === undefined) continue;
    seen.set(text, BigInt(engine.position));
    if (engine.kind === "row") rows.set(text, rowOf(table, engine.row));
  }
  return {
    rows: new Map([[name, rows]]),
    seenUpTo: (asked, text) => (asked === name ? seen.get(text) : undefined),
  };
}

/** The rows with these columns and values, in one partition or all, by key text. Refreshes first (rule 21). */
export async function findRows(
  context: Context,
  build: Build,
  patterns: Patterns,
  partition?: number,
): Promise<ReadonlyMap<string, Kept>> {
  const { name, table } = declared(build);
  const wanted = patterns.get(name) ?? [];
  const found = new Map<string, Kept>();
  if (wanted.length === 0) return found;
  await atMoment(context, build, async (moment) => {
    for (const pattern of wanted) {
      for await (const [, engine] of moment.scan(filterOf(table, pattern, partition))) {
        if (engine.kind !== "row") continue;
        const row = rowOf(table, engine.row);
        if (matches(pattern, row)) found.set(keyText(table, row), { row, position: BigInt(engine.position) });
      }
    }
  });
  return found;
}

/** The indexed part of a pattern: columns of the primary key. The rest is compared here. */
function filterOf(
  table: Table,
  pattern: Row,
  partition: number | undefined,
): readonly estypes.QueryDslQueryContainer[] {
  const keyColumn = partitionColumn(table);
  return [
    { term: { "engine.kind": "row" } },
    ...(partition === undefined ? [] : [{ term: { "engine.partition": partition } }]),
    ...(keyColumn in pattern ? [{ term: { "engine.key": keywordOf(pattern[keyColumn]) } }] : []),
    ...table.primaryKey
      .filter((column) => column in pattern)
      .map((column) => ({ term: { "engine.columns": columnKeyword(column, pattern[column]) } })),
  ];
}
