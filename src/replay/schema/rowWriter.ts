import { idOf } from "../../domain/streams.ts";
import type { BookAttributes } from "../books.ts";
import { dayOf } from "../days.ts";
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

type Line = (cells: readonly Cell[]) => string;

const formats: Readonly<Record<"csv" | "ndjson", { readonly head: string; readonly line: Line }>> = {
  csv: { head: `${columns.map(({ name }) => name).join(",")}\n`, line: csvLine },
  ndjson: { head: "", line: jsonLine },
};

const indexOf = new Map(columns.map(({ name }, index) => [name, index]));
const types = columns.map(({ type }) => type);

/** How one type of event fills its cells. */
type Fill = (cells: Cell[], data: Record<string, unknown>, identity: Identity | undefined) => void;

/** Lines of a format. With `identities` readers have their ids and nothing is left out. */
export function createRowWriter(format: "csv" | "ndjson", identities: boolean): RowWriter {
  const { head, line } = formats[format];
  const rows = new Map(eventRows.map((row) => [row.type, { row, fill: fillOf(row, identities) }]));
  return {
    head,
    line(event, book, identity) {
      const known = rows.get(event.type);
      if (known === undefined) throw new Error(`events of type ${event.type} have no columns`);
      const cells: Cell[] = new Array(columns.length).fill(undefined);
      fillEnvelope(cells, event, known.row, book, identities);
      cells[readerIndex] = readerOf(event, known.row, identity, identities);
      known.fill(cells, event.data as Record<string, unknown>, identity);
      return line(cells);
    },
  };
}

const readerIndex = indexOf.get("reader") ?? -1;

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
function fillEnvelope(
  cells: Cell[],
  event: ReplayedEvent,
  row: EventRow,
  book: BookAttributes | undefined,
  identities: boolean,
): void {
  const { position, type, created } = event;
  const readAt = (event.data as { readAt?: string }).readAt;
  const happened = readAt === undefined ? created : new Date(readAt);
  const [createdDay, happenedDay] = [dayOf(created), dayOf(happened)];
  const lateSeconds = Math.floor((created.getTime() - happened.getTime()) / 1_000);
  const values: readonly Cell[] = [
    position,
    type,
    row.version,
    row.category,
    event.revision,
    readerIdOf(event, row) === undefined ? idOf(event.stream) : undefined,
    identities ? event.id : undefined,
    created.toISOString(),
    createdDay,
    happened.toISOString(),
    happenedDay,
    lateSeconds,
    happenedDay < createdDay,
    undefined,
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
  for (let index = 0; index < envelope.length; index++) cells[index] = values[index];
}

function fillOf({ fields, ofReader }: EventRow, identities: boolean): Fill {
  const filled = fields
    .filter(({ privacy }) => identities || privacy !== "withheld")
    .map(({ path, type, column, privacy }) => ({
      ...{ path, type, index: indexOf.get(column) ?? -1 },
      keyed: !identities && ofReader && privacy === "keyed",
    }));
  return (cells, data, identity) => {
    for (const { path, type, index, keyed } of filled) {
      let value: unknown = data;
      for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
      if (value === undefined || value === null) continue;
      cells[index] = keyed && identity !== undefined ? identity.key(String(value)) : cellOf(value, type);
    }
  };
}

function cellOf(value: unknown, type: ColumnType): Cell {
  if (type === "JSON") return JSON.stringify(value);
  return type === "TIMESTAMP" ? new Date(value as string).toISOString() : (value as Cell);
}

/** RFC 4180; texts are always quoted, so that an empty one is not null. */
function csvLine(cells: readonly Cell[]): string {
  let line = "";
  for (let index = 0; index < cells.length; index++) {
    const cell = cells[index];
    if (index > 0) line += ",";
    if (cell === undefined) continue;
    line += types[index] === "VARCHAR" || types[index] === "JSON" ? quoted(String(cell)) : cell;
  }
  return `${line}\n`;
}

function quoted(text: string): string {
  return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`;
}

const names = columns.map(({ name }) => JSON.stringify(name));

/** Columns that are null are left out. JSON stays text, as in the other formats; positions have all their digits. */
function jsonLine(cells: readonly Cell[]): string {
  let line = "";
  for (let index = 0; index < cells.length; index++) {
    const cell = cells[index];
    if (cell === undefined) continue;
    line += `${line === "" ? "{" : ","}${names[index]}:${typeof cell === "string" ? JSON.stringify(cell) : cell}`;
  }
  return `${line}}\n`;
}
