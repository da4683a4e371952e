import type { LentRow } from "../schema/cells.ts";
import { columns } from "../schema/columns.ts";
import { isText, sqlTypeOf } from "../schema/fields.ts";
import type { AppendedColumn } from "./append.ts";
import { type ColumnPieces, createColumnPieces } from "./columnPieces.ts";
import { type Duck, literal } from "./database.ts";

/** Rows that are gathered as columns until they become one Parquet file. */
export type ParquetRows = {
  /** Undefined: it is gathered, and there is nothing to wait for. Either way it has what it needs of the row. */
  add(row: LentRow): Promise<void> | undefined;
  /** Writes the file: the same bytes for the same rows, if `duck` has one thread. */
  writeTo(path: string): Promise<void>;
  abandon(): Promise<void>;
};

/** Characters that are gathered; then they go into DuckDB, which writes to its temporary folder what its memory does not hold. */
const maxCharacters = 32 * 1_024 * 1_024;

/** A column with fewer rows for each of its texts is no list of texts. */
const rowsPerText = 4;

let tables = 0;

/**
 * Texts that come again and again are numbers of a list (ENUM), which DuckDB takes as whole pieces: a call of N-API for each text costs more
 * than all else. In Parquet an ENUM is text. `maxGathered` is for tests.
 */
export function createParquetRows(duck: Duck, maxGathered = maxCharacters): ParquetRows {
  const table = `gathered_${tables++}`;
  let pieces: (ColumnPieces | undefined)[] = columns.map(() => undefined);
  let rows = 0;
  let characters = 0;
  let isBegun = false;

  const create = async (declared: readonly string[]) => {
    isBegun = true;
    await duck.run(`CREATE TEMP TABLE ${table} (${declared.join(", ")})`);
  };
  const createWhole = () => create(columns.map(({ name, type }) => `${name} ${sqlTypeOf(type)}`));
  /** Appends what is gathered to a table of all columns, and begins to gather again. */
  const spill = async () => {
    if (!isBegun) await createWhole();
    const all = columns.map(({ type }, n) => ({ column: pieces[n] ?? createColumnPieces(type), asText: isText(type) }));
    const count = rows;
    pieces = columns.map(() => undefined);
    rows = 0;
    characters = 0;
    await duck.append(table, all, count);
  };
  /** Appends what is gathered to a table of the columns that are not null; the columns that such a file has. */
  const appendAll = async (): Promise<readonly string[]> => {
    const used: AppendedColumn[] = [];
    const declared: string[] = [];
    for (const [n, { name, type }] of columns.entries()) {
      const column = pieces[n];
      if (column === undefined) continue;
      const asText = isText(type) && column.texts.length * rowsPerText > column.count;
      used.push({ column, asText });
      const isList = isText(type) && !asText;
      declared.push(`${name} ${isList ? `ENUM (${column.texts.map(literal).join(", ")})` : sqlTypeOf(type)}`);
    }
    await create(declared);
    await duck.append(table, used, rows);
    return columns.map(({ name, type }, n) => (pieces[n] === undefined ? `NULL::${sqlTypeOf(type)} AS ${name}` : name));
  };

  return {
    add({ filled, cells }) {
      for (let n = 0; n < cells.length; n++) {
        const cell = cells[n];
        if (cell === undefined) continue;
        const index = filled[n] as number;
        let column = pieces[index];
        if (column === undefined) {
          column = createColumnPieces(columns[index]?.type ?? "VARCHAR");
          pieces[index] = column;
        }
        const before = column.texts.length;
        column.set(rows, cell);
        if (column.texts.length > before) characters += (cell as string).length;
      }
      rows++;
      return characters > maxGathered ? spill() : undefined;
    },
    async writeTo(path) {
      let selected: readonly string[] = ["*"];
      if (isBegun) await spill();
      // All readers of the file may be erased; and a table needs a column.
      else if (rows === 0) await createWhole();
      else selected = await appendAll();
      await duck.run(`COPY (SELECT ${selected.join(", ")} FROM ${table}) TO ${literal(path)}
        (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`);
      await duck.run(`DROP TABLE ${table}`);
    },
    async abandon() {
      await duck.run(`DROP TABLE IF EXISTS ${table}`).catch(() => {});
    },
  };
}
