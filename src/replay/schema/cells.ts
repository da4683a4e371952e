import { idOf } from "../../domain/streams.ts";
import type { BookAttributes } from "../books.ts";
import { dayNumberOf } from "../days.ts";
import type { ReplayedEvent } from "../events.ts";
import { columns, type EventRow, eventRows } from "./columns.ts";
import { envelope } from "./envelope.ts";
import type { ColumnType } from "./fields.ts";

/**
 * The name of a reader in an export; `key` hides a value under the reader's own key, and `comesAgain` marks that the reader has
 * few such values.
 */
export type Identity = { readonly reader: string; readonly key: (value: string, comesAgain: boolean) => string };

/** A value of a column; undefined: null. A TIMESTAMP is in milliseconds, a DATE in days, both since 1970. */
export type Cell = string | number | bigint | boolean | undefined;

/**
 * A row: the columns that events of its type may fill, in their order (one list for each type), and their cells. It is lent: its maker uses the list of
 * cells again for the next row, so a receiver must take the needed values before returning.
 */
export type LentRow = { readonly filled: readonly number[]; readonly cells: readonly Cell[] };

/** An event that becomes a row, and the reader whom it is of, if it is of one (`readerIdOf`). */
export type Chosen = { readonly event: ReplayedEvent; readonly row: EventRow; readonly readerId: string | undefined };

const indexOf = new Map(columns.map(({ name }, index) => [name, index]));

type FieldCell = {
  readonly path: readonly string[];
  readonly type: ColumnType;
  readonly index: number;
  readonly keyed: boolean;
  readonly comesAgain: boolean;
};
type Prepared = { readonly fields: readonly FieldCell[]; readonly row: LentRow & { readonly cells: Cell[] } };

/**
 * Turns events into rows, and lends each to `take`, whose result is given back; while it runs no other row can be made. So nothing is left to be
 * collected of a row. With `identities` readers have their ids and nothing is left out. The identity is undefined
 * where there is no reader, or where readers are named.
 */
export function createRows(
  identities: boolean,
): <Taken>(
  take: (row: LentRow) => Taken,
  chosen: Chosen,
  book: BookAttributes | undefined,
  identity: Identity | undefined,
) => Taken {
  const prepared = new Map(
    eventRows.map((row): [EventRow, Prepared] => {
      const fields = fieldsOfRow(row, identities);
      const filled = [...envelope.keys(), ...fields.map(({ index }) => index)];
      return [row, { fields, row: { filled, cells: filled.map(() => undefined) } }];
    }),
  );
  let isLent = false;
  return (take, chosen, book, identity) => {
    if (isLent) throw new Error("a row was made before the one before it was taken");
    const { event, row, readerId } = chosen;
    const { fields, row: lent } = prepared.get(row) as Prepared;
    const { cells } = lent;
    const reader = identities || readerId === undefined ? readerId : identity?.reader;
    if (readerId !== undefined && reader === undefined)
      throw new Error(`${event.type} at ${event.position}: its reader has no pseudonym`);
    let at = fillEnvelope(cells, chosen, book, reader, identities);
    for (const field of fields) cells[at++] = fieldCell(field, event.data as Record<string, unknown>, identity);
    isLent = true;
    try {
      return take(lent);
    } finally {
      isLent = false;
    }
  };
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

/** In the order of ./envelope.ts, which a test holds it to. Returns how many there are. */
function fillEnvelope(
  cells: Cell[],
  { event, row, readerId }: Chosen,
  book: BookAttributes | undefined,
  reader: Cell,
  identities: boolean,
): number {
  const createdMs = event.created.getTime();
  const { readAt, searchedAt } = event.data as { readAt?: string; searchedAt?: string };
  const happenedAt = readAt ?? searchedAt;
  const happenedMs = happenedAt === undefined ? createdMs : parsedTime(happenedAt);
  const createdDay = dayNumberOf(createdMs);
  const happenedDay = dayNumberOf(happenedMs);
  let at = 0;
  cells[at++] = event.position;
  cells[at++] = event.type;
  cells[at++] = row.version;
  cells[at++] = row.category;
  cells[at++] = event.revision;
  cells[at++] = readerId === undefined ? idOf(event.stream) : undefined;
  cells[at++] = identities ? event.id : undefined;
  cells[at++] = createdMs;
  cells[at++] = createdDay;
  cells[at++] = happenedMs;
  cells[at++] = happenedDay;
  cells[at++] = Math.floor((createdMs - happenedMs) / 1_000);
  cells[at++] = happenedDay < createdDay;
  cells[at++] = reader;
  cells[at++] = event.metadata.correction !== undefined;
  cells[at++] = bookOf(event, row);
  cells[at++] = book?.title;
  cells[at++] = book?.author;
  cells[at++] = book?.channel;
  cells[at++] = book?.category;
  cells[at++] = book?.subCategory ?? undefined;
  cells[at++] = book?.status;
  cells[at++] = book?.chapters;
  return at;
}

let lastTime = { text: "", milliseconds: Number.NaN };

/** The time of a reading or a search stands in two columns of a row. */
function parsedTime(text: string): number {
  if (text !== lastTime.text) lastTime = { text, milliseconds: Date.parse(text) };
  return lastTime.milliseconds;
}

/** The fields that are shown, in the order of their columns. */
function fieldsOfRow({ fields, ofReader }: EventRow, identities: boolean): readonly FieldCell[] {
  return fields
    .filter(({ privacy }) => identities || privacy !== "withheld")
    .map(({ path, type, column, privacy }) => ({
      path,
      type,
      index: indexOf.get(column) ?? -1,
      keyed: !identities && ofReader && privacy === "keyed",
      comesAgain: path.at(-1) === "deviceId",
    }))
    .sort((one, other) => one.index - other.index);
}

function fieldCell(
  { path, type, keyed, comesAgain }: FieldCell,
  data: Record<string, unknown>,
  identity: Identity | undefined,
): Cell {
  let value: unknown = data;
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
  if (value === undefined || value === null) return undefined;
  if (keyed && identity !== undefined) return identity.key(String(value), comesAgain);
  if (type === "JSON") return JSON.stringify(value);
  return type === "TIMESTAMP" ? parsedTime(value as string) : (value as Cell);
}
