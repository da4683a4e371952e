import type { Build } from "../../engine/core/build.ts";
import type { ChangesOfTable, RowChange } from "../../engine/core/changes.ts";
import { partitionColumn, type Row, type Table } from "../../engine/core/declaration.ts";
import { rowWrite, type Write } from "./bulk.ts";
import type { Context } from "./context.ts";
import { declared, goneDocument, rowDocument } from "./layout.ts";
import { numbersOf } from "./numbers.ts";
import { findRows } from "./rows.ts";

/** The rows whose numbers are asked for together. */
const rowsAtOnce = 1_000;

type Changed = readonly [text: string, change: RowChange];

/**
 * The documents of a fill, each made when it is asked for: a document costs half a millisecond, and a segment may have 300,000. `step` is
 * called between two. Rejects with RefusedContents at a row that cannot be stored; others may be written by then.
 */
export async function* fillWrites(
  context: Context,
  build: Build,
  change: ChangesOfTable,
  step: () => Promise<void>,
): AsyncGenerator<Write> {
  yield* wiped(context, build, change, step);
  const { table } = declared(build);
  for (const some of inChunks(byPartitionKey(table, change.rows))) {
    const present = some.flat().flatMap(([, { row }]) => (row === null ? [] : [row]));
    const numbers = await numbersOf(context, build, present);
    const writeOf = ([text, { key, row, at }]: Changed): Write => {
      const document = row === null ? goneDocument(build, key, at) : rowDocument(build, row, numbers(row))(at);
      return rowWrite(table, text, at, document);
    };
    for (const rows of some) {
      const writes: Write[] = [];
      for (const changed of rows) {
        writes.push(writeOf(changed));
        await step();
      }
      yield* writes;
    }
  }
}

/** The rows of earlier segments that wipes delete, unless a later event of this segment writes them. */
async function* wiped(
  context: Context,
  build: Build,
  { wipes, rows }: ChangesOfTable,
  step: () => Promise<void>,
): AsyncGenerator<Write> {
  const { name, table } = declared(build);
  const gone = new Set<string>();
  for (const { pattern, at } of wipes) {
    for (const [text, { row, position }] of await findRows(context, build, new Map([[name, [pattern]]]))) {
      // Rows written after the wipe and before a crash stay.
      if (position >= at || rows.has(text) || gone.has(text)) continue;
      gone.add(text);
      yield rowWrite(table, text, at, goneDocument(build, row, at));
    }
    await step();
  }
}

/**
 * The rows of each partition key together, so that none is written if another is refused: it would have seen the event that is then parked
 * with its key.
 */
function* byPartitionKey(table: Table, rows: ReadonlyMap<string, RowChange>): Generator<readonly Changed[]> {
  const column = partitionColumn(table);
  if (table.primaryKey.length === 1) {
    for (const changed of rows) yield [changed];
    return;
  }
  const ofKeys = new Map<unknown, Changed[]>();
  for (const changed of rows) {
    const key = (changed[1].key as Row)[column];
    const ofKey = ofKeys.get(key);
    if (ofKey === undefined) ofKeys.set(key, [changed]);
    else ofKey.push(changed);
  }
  yield* ofKeys.values();
}

function* inChunks(groups: Iterable<readonly Changed[]>): Generator<readonly (readonly Changed[])[]> {
  let chunk: (readonly Changed[])[] = [];
  let rows = 0;
  for (const group of groups) {
    chunk.push(group);
    rows += group.length;
    if (rows < rowsAtOnce) continue;
    yield chunk;
    chunk = [];
    rows = 0;
  }
  if (chunk.length > 0) yield chunk;
}
