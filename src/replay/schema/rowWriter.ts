import { LRUCache } from "lru-cache";
import { idOf } from "../../domain/streams.ts";
import type { BookAttributes } from "../books.ts";
import { aheadOfUtcMs, dayMs, dayOf } from "../days.ts";
import type { ReplayedEvent } from "../events.ts";
import { columns, type EventRow, eventRows } from "./columns.ts";
import { envelope } from "./envelope.ts";
import type { ColumnType } from "./fields.ts";

/** What a reader is called in an export; `key` hides a value under the reader's own key. */
export type Identity = { readonly reader: string; readonly key: (value: string) => string };

/** A value of a column; undefined: null. Times are ISO 8601. */
type Cell = string | number | bigint | boolean | undefined;

/** Turns events into lines of one text format. */
export type RowWriter = {
  /** The line of an event, with its end. `identity` is undefined where there is no reader, or where readers are named. */
  line(event: ReplayedEvent, book: BookAttributes | undefined, identity: Identity | undefined): string;
  /** What stands before the first line of a file. */
  readonly head: string;
};

/** How the cells of one type of event become a line: the columns that it may fill, in their order. */
type Line = (cells: readonly Cell[]) => string;
type Format = { readonly head: string; lineOf(filled: readonly number[]): Line };

const formats: Readonly<Record<"csv" | "ndjson", Format>> = {
  csv: { head: `${columns.map(({ name }) => name).join(",")}\n`, lineOf: csvLines },
  ndjson: { head: "", lineOf: jsonLines },
};

const indexOf = new Map(columns.map(({ name }, index) => [name, index]));

type FieldCell = {
  readonly path: readonly string[];
  readonly type: ColumnType;
  readonly index: number;
  readonly keyed: boolean;
};
type Prepared = { readonly row: EventRow; readonly fields: readonly FieldCell[]; readonly line: Line };

/** Lines of a format. With `identities` readers have their ids and nothing is left out. */
export function createRowWriter(format: "csv" | "ndjson", identities: boolean): RowWriter {
  const { head, lineOf } = formats[format];
  const prepared = new Map(
    eventRows.map((row): [string, Prepared] => {
      const fields = fieldsOfRow(row, identities);
      const filled = [...envelope.keys(), ...fields.map(({ index }) => index)];
      return [row.type, { row, fields, line: lineOf(filled) }];
    }),
  );
  return {
    head,
    line(event, book, identity) {
      const known = prepared.get(event.type);
      if (known === undefined) throw new Error(`events of type ${event.type} have no columns`);
      const { row, fields, line } = known;
      const cells = envelopeCells(event, row, book, readerOf(event, row, identity, identities), identities);
      for (const field of fields) cells.push(fieldCell(field, event.data as Record<string, unknown>, identity));
      return line(cells);
    },
  };
}

function readerOf(event: ReplayedEvent, row: EventRow, identity: Identity | undefined, identities: boolean): Cell {
  const id = readerIdOf(event, row);
  if (id === undefined || identities) return id;
  if (identity === undefined) throw new Error(`${event.type} at ${event.position}: its reader has no pseudonym`);
  return identity.reader;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The reader's id, if the event is of one: streams of readers' categories may be of others too, such as searches without a login. */
export function readerIdOf(event: ReplayedEvent, row: EventRow): string | undefined {
  if (!row.ofReader) return undefined;
  const id = idOf(event.stream);
  return uuid.test(id) ? id : undefined;
}

/** The book of an event, if it is of one. */
export function bookOf(event: ReplayedEvent, row: EventRow): string | undefined {
  if (row.book === undefined) return undefined;
  return row.book === "id" ? idOf(event.stream) : String((event.data as Record<string, unknown>)[row.book]);
}

/** In the order of ./envelope.ts, which a test holds it to. */
function envelopeCells(
  event: ReplayedEvent,
  row: EventRow,
  book: BookAttributes | undefined,
  reader: Cell,
  identities: boolean,
): Cell[] {
  const { position, type, created } = event;
  const readAt = (event.data as { readAt?: string }).readAt;
  const createdAt = created.toISOString();
  const happenedAt = readAt === undefined ? createdAt : isoTime(readAt);
  const [createdMs, happenedMs] = [created.getTime(), readAt === undefined ? created.getTime() : Date.parse(readAt)];
  const [createdDay, happenedDay] = [knownDay(createdMs), knownDay(happenedMs)];
  return [
    position,
    type,
    row.version,
    row.category,
    event.revision,
    readerIdOf(event, row) === undefined ? idOf(event.stream) : undefined,
    identities ? event.id : undefined,
    createdAt,
    createdDay,
    happenedAt,
    happenedDay,
    Math.floor((createdMs - happenedMs) / 1_000),
    happenedDay < createdDay,
    reader,
    event.metadata.correction !== undefined,
    bookOf(event, row),
    book?.title,
    book?.author,
    book?.channel,
    book?.category,
    book?.subCategory ?? undefined,
    book?.status,
    book?.chapters,
  ];
}

/** Most times are written as we write them; the rest have an offset or other digits. */
function isoTime(text: string): string {
  return text.length === 24 && text.endsWith("Z") ? text : new Date(text).toISOString();
}

const days = new LRUCache<number, string>({ max: 10_000 });

/** `dayOf`, which is asked for the same few days again and again. */
function knownDay(ms: number): string {
  const number = Math.floor((ms + aheadOfUtcMs) / dayMs);
  const known = days.get(number);
  if (known !== undefined) return known;
  const day = dayOf(new Date(ms));
  days.set(number, day);
  return day;
}

/** The fields that are shown, in the order of their columns. */
function fieldsOfRow({ fields, ofReader }: EventRow, identities: boolean): readonly FieldCell[] {
  return fields
    .filter(({ privacy }) => identities || privacy !== "withheld")
    .map(({ path, type, column, privacy }) => ({
      ...{ path, type, index: indexOf.get(column) ?? -1 },
      keyed: !identities && ofReader && privacy === "keyed",
    }))
    .sort((one, other) => one.index - other.index);
}

function fieldCell(
  { path, type, keyed }: FieldCell,
  data: Record<string, unknown>,
  identity: Identity | undefined,
): Cell {
  let value: unknown = data;
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
  if (value === undefined || value === null) return undefined;
  if (keyed && identity !== undefined) return identity.key(String(value));
  if (type === "JSON") return JSON.stringify(value);
  return type === "TIMESTAMP" ? isoTime(value as string) : (value as Cell);
}

/** RFC 4180; texts are always quoted, so that an empty one is not null. */
function csvLines(filled: readonly number[]): Line {
  const gaps = filled.map((index, n) => ",".repeat(index - (filled[n - 1] ?? 0)));
  const isText = filled.map((index) => columns[index]?.type === "VARCHAR" || columns[index]?.type === "JSON");
  const end = `${",".repeat(columns.length - 1 - (filled.at(-1) ?? 0))}\n`;
  return (cells) => {
    let line = "";
    for (let n = 0; n < cells.length; n++) {
      const cell = cells[n];
      line += gaps[n];
      if (cell !== undefined) line += isText[n] ? quoted(String(cell)) : cell;
    }
    return line + end;
  };
}

function quoted(text: string): string {
  return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`;
}

/** Columns that are null are left out. JSON stays text, as in the other formats; positions have all their digits. */
function jsonLines(filled: readonly number[]): Line {
  const names = filled.map((index) => JSON.stringify(columns[index]?.name));
  return (cells) => {
    let line = "";
    for (let n = 0; n < cells.length; n++) {
      const cell = cells[n];
      if (cell === undefined) continue;
      line += `${line === "" ? "{" : ","}${names[n]}:${typeof cell === "string" ? JSON.stringify(cell) : cell}`;
    }
    return `${line}}\n`;
  };
}
