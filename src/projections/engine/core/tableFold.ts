import { type ChangesOfTable, hasSeen, type LoadedRows, type RowChange, type Wipe } from "./changes.ts";
import { partitionColumn, type Row, type Table } from "./declaration.ts";
import { matches } from "./rowKeys.ts";

type WrittenRow = RowChange & { readonly row: Row };

/** The changes of a fold in one table so far. Rows are named by their key text. */
export class TableFold {
  readonly name: string;
  readonly table: Table;
  /** The column of the partition key. */
  readonly #keyColumn: string;
  readonly #rows = new Map<string, RowChange>();
  readonly #wipes: Wipe[] = [];
  /** Wipes by partition key, since a wipe never affects other keys. */
  readonly #wipesOf = new Map<unknown, Wipe[]>();
  /** Key texts of `#rows` by a column's value, built when rows are first looked up by it. A row's value may have changed since. */
  readonly #textsBy = new Map<string, Map<unknown, Set<string>>>();

  constructor(name: string, table: Table) {
    this.name = name;
    this.table = table;
    this.#keyColumn = partitionColumn(table);
  }

  /** The number of rows and wipes in memory. */
  get size(): number {
    return this.#rows.size + this.#wipes.length;
  }

  /** Whether the row's state is known without loading it. */
  knows(text: string): boolean {
    return this.#rows.has(text);
  }

  set(text: string, change: RowChange): void {
    this.#rows.set(text, change);
    for (const [column, texts] of this.#textsBy) noteText(texts, column, text, change);
  }

  /** The row as it is now: as the fold wrote it, or as it was loaded unless it was wiped since. */
  current(text: string, loaded: LoadedRows): Row | undefined {
    const changed = this.#rows.get(text);
    if (changed !== undefined) return changed.row ?? undefined;
    const row = loaded.rows.get(this.name)?.get(text);
    if (row === undefined) return undefined;
    const isWiped = this.#wipesOf
      .get(row[this.#keyColumn])
      ?.some(({ pattern, at }) => matches(pattern, row) && !hasSeen(loaded, this.name, text, at));
    return isWiped ? undefined : row;
  }

  /** The rows that the fold wrote and that have these columns and values. */
  writtenLike(pattern: Row): [text: string, WrittenRow][] {
    const column = this.#keyColumn in pattern ? this.#keyColumn : (Object.keys(pattern)[0] ?? this.#keyColumn);
    const found: [string, WrittenRow][] = [];
    for (const text of this.#textsOf(column).get(pattern[column]) ?? []) {
      const change = this.#rows.get(text);
      if (change !== undefined && isWritten(change) && matches(pattern, change.row)) found.push([text, change]);
    }
    return found;
  }

  /** All rows that have these columns and values now, those of `before` included, by key text. */
  find(patterns: readonly Row[], before: LoadedRows): ReadonlyMap<string, Row> {
    const found = new Map<string, Row>();
    for (const text of before.rows.get(this.name)?.keys() ?? []) {
      const row = this.knows(text) ? undefined : this.current(text, before);
      if (row !== undefined && patterns.some((pattern) => matches(pattern, row))) found.set(text, row);
    }
    for (const pattern of patterns) for (const [text, { row }] of this.writtenLike(pattern)) found.set(text, row);
    return found;
  }

  /** Records a wipe by the event at this position, and deletes matching rows that the fold wrote. Returns how to undo it. */
  wipe(pattern: Row, at: bigint): () => void {
    const deleted = this.writtenLike(pattern);
    for (const [text, { key }] of deleted) this.#rows.set(text, { key, row: null, at });
    const wipe = { pattern, at };
    this.#wipes.push(wipe);
    const partitionKey = pattern[this.#keyColumn];
    const ofKey = this.#wipesOf.get(partitionKey) ?? [];
    this.#wipesOf.set(partitionKey, ofKey);
    ofKey.push(wipe);
    return () => {
      ofKey.pop();
      this.#wipes.pop();
      for (const [text, change] of deleted) this.#rows.set(text, change);
    };
  }

  /** Undefined if nothing has changed. */
  changes(): ChangesOfTable | undefined {
    if (this.size === 0) return undefined;
    return { wipes: this.#wipes, rows: this.#rows };
  }

  #textsOf(column: string): ReadonlyMap<unknown, ReadonlySet<string>> {
    const known = this.#textsBy.get(column);
    if (known !== undefined) return known;
    const texts = new Map<unknown, Set<string>>();
    this.#textsBy.set(column, texts);
    for (const [text, change] of this.#rows) noteText(texts, column, text, change);
    return texts;
  }
}

function isWritten(change: RowChange): change is WrittenRow {
  return change.row !== null;
}

function noteText(texts: Map<unknown, Set<string>>, column: string, text: string, { row }: RowChange): void {
  if (row === null) return;
  const ofValue = texts.get(row[column]) ?? new Set();
  texts.set(row[column], ofValue.add(text));
}
