import type { Cell } from "../schema/cells.ts";
import { type ColumnType, isText } from "../schema/fields.ts";

/** Rows of a piece: those of one of DuckDB's data chunks (STANDARD_VECTOR_SIZE). */
export const rowsOfPiece = 2_048;
const pieceBits = 11;
const lastOfPiece = rowsOfPiece - 1;

/** The values of a piece as they lie in DuckDB's memory; a row whose bit of `valid` is not set is null. */
export type Piece = { readonly values: ArrayBuffer; readonly valid: Uint8Array<ArrayBuffer> };

/** A column of rows that are gathered in memory. */
export type ColumnPieces = {
  readonly type: ColumnType;
  /** The different texts, in the order of their first rows. */
  readonly texts: readonly string[];
  /** Rows that are not null. */
  readonly count: number;
  /** The cell of the row with this number; rows without one are null. */
  set(row: number, cell: Exclude<Cell, undefined>): void;
  /** Of texts the values are their numbers: as wide as in an ENUM of all of them, or with `wide` of 32 bits. */
  piece(index: number, wide?: boolean): Piece;
};

/** `wide` are the values as 64-bit integers, of columns that have such. */
type Growing = {
  readonly values: Values;
  readonly wide: BigInt64Array<ArrayBuffer> | undefined;
  readonly valid: Uint8Array<ArrayBuffer>;
};
type Values = Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

const microseconds = 1_000;

export function createColumnPieces(type: ColumnType): ColumnPieces {
  const hasTexts = isText(type);
  const unit = type === "TIMESTAMP" ? microseconds : 1;
  const numbers = new Map<string, number>();
  const texts: string[] = [];
  const pieces: Growing[] = [];
  let count = 0;

  // Repeated values often follow each other: to compare two texts takes a fraction of a look-up.
  let lastText: string | undefined;
  let lastNumber = 0;
  const numberOf = (text: string): number => {
    if (text === lastText) return lastNumber;
    lastText = text;
    lastNumber = lookUp(text);
    return lastNumber;
  };
  const lookUp = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    // Two texts with halves of characters would become the same text.
    const whole = text.toWellFormed();
    const number = whole === text ? texts.push(text) - 1 : lookUp(whole);
    numbers.set(text, number);
    return number;
  };
  return {
    type,
    texts,
    get count() {
      return count;
    },
    set: setter(),
    piece(index, wide = false) {
      const { values, valid } = pieces[index] ?? begin(index);
      return { values: hasTexts && !wide ? asInEnum(values, texts.length) : values.buffer, valid };
    },
  };

  /** The values of a row's piece, in which the row is no more null. */
  function valuesAt(row: number): Growing {
    const index = row >> pieceBits;
    const piece = pieces[index] ?? begin(index);
    const { valid } = piece;
    valid[(row & lastOfPiece) >> 3] = (valid[(row & lastOfPiece) >> 3] as number) | (1 << (row & 7));
    count++;
    return piece;
  }

  /** One function for each kind of values: V8 makes stores fast that always go into arrays of the same kind. */
  function setter(): ColumnPieces["set"] {
    if (hasTexts)
      return (row, cell) => {
        valuesAt(row).values[row & lastOfPiece] = numberOf(cell as string);
      };
    if (type === "BIGINT" || type === "TIMESTAMP")
      return (row, cell) => {
        const { values, wide } = valuesAt(row);
        if (typeof cell === "bigint") (wide as BigInt64Array)[row & lastOfPiece] = cell;
        else putWhole(values, row & lastOfPiece, (cell as number) * unit);
      };
    return (row, cell) => {
      valuesAt(row).values[row & lastOfPiece] = Number(cell);
    };
  }

  function begin(index: number): Growing {
    const values = valuesOf(type);
    const wide = type === "BIGINT" || type === "TIMESTAMP" ? new BigInt64Array(values.buffer) : undefined;
    const piece = { values, wide, valid: new Uint8Array(rowsOfPiece / 8) };
    pieces[index] = piece;
    return piece;
  }
}

function valuesOf(type: ColumnType): Values {
  switch (type) {
    case "BIGINT":
    case "TIMESTAMP":
      return new Int32Array(2 * rowsOfPiece);
    case "DOUBLE":
      return new Float64Array(rowsOfPiece);
    case "DATE":
      return new Int32Array(rowsOfPiece);
    case "BOOLEAN":
      return new Uint8Array(rowsOfPiece);
    default:
      return new Uint32Array(rowsOfPiece);
  }
}

/** As 64 bits of two's complement, the lower half first (DuckDB's builds are little-endian), without a bigint for each number. */
function putWhole(halves: Values, at: number, number: number): void {
  halves[2 * at] = number | 0;
  halves[2 * at + 1] = Math.floor(number / 2 ** 32);
}

/** An ENUM has numbers of 8, 16 or 32 bits, by how many texts it has. */
function asInEnum(numbers: Values, texts: number): ArrayBuffer {
  if (texts <= 0xff) return new Uint8Array(numbers).buffer;
  return texts <= 0xffff ? new Uint16Array(numbers).buffer : numbers.buffer;
}
