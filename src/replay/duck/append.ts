import { setImmediate as nextTurn } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { isText } from "../schema/fields.ts";
import { type ColumnPieces, rowsOfPiece } from "./columnPieces.ts";

/** A column to append: as text where the table has VARCHAR, as numbers where it has an ENUM of the column's texts. */
export type AppendedColumn = { readonly column: ColumnPieces; readonly asText: boolean };

/**
 * Appends gathered rows to a table that has these columns in this order. A piece is copied in one call for each column, but for columns as
 * text, of which each value takes a call; between two pieces the event loop has its turn.
 */
export async function appendPieces(
  connection: DuckDBConnection,
  table: string,
  columns: readonly AppendedColumn[],
  rows: number,
): Promise<void> {
  const { DuckDBDataChunk } = await import("@duckdb/node-api");
  const { default: duckdb } = await import("@duckdb/node-bindings");
  const types = columns.map(({ column: { type, texts }, asText }) => {
    if (isText(type)) return asText ? duckdb.create_logical_type(duckdb.Type.VARCHAR) : duckdb.create_enum_type(texts);
    return duckdb.create_logical_type(duckdb.Type[type]);
  });
  const appender = await connection.createAppender(table);
  const chunk = new DuckDBDataChunk(duckdb.create_data_chunk(types));
  try {
    for (let first = 0, index = 0; first < rows; first += rowsOfPiece, index++) {
      const count = Math.min(rowsOfPiece, rows - first);
      chunk.reset();
      chunk.rowCount = count;
      for (const [n, { column, asText }] of columns.entries()) {
        const vector = duckdb.data_chunk_get_vector(chunk.chunk, n);
        const { values, valid } = column.piece(index, asText);
        duckdb.vector_ensure_validity_writable(vector);
        duckdb.copy_data_to_vector_validity(vector, 0, valid.buffer, 0, valid.byteLength);
        if (asText) {
          const numbers = new Uint32Array(values);
          for (let row = 0; row < count; row++)
            if (((valid[row >> 3] as number) >> (row & 7)) & 1)
              duckdb.vector_assign_string_element(vector, row, column.texts[numbers[row] as number] as string);
        } else duckdb.copy_data_to_vector(vector, 0, values, 0, (count * values.byteLength) / rowsOfPiece);
      }
      appender.appendDataChunk(chunk);
      await nextTurn();
    }
  } finally {
    appender.closeSync();
  }
}
