import { places } from "../../projections/reading/places.ts";
import { rounds } from "../../projections/reading/rounds.ts";
import { viewsOf } from "../../projections/views.ts";

const { device_places, book_places } = viewsOf(places);
const { reading_rounds } = viewsOf(rounds);

/** The maximum number of devices whose places in a book count: those used last. */
const maxDevices = 20;

/**
 * The maximum number of devices of a book that are looked at besides the one used last. A client may name a new device with every
 * entry; without a limit each page of the shelf would sort all of them.
 */
const maxOthers = 200;

const columns = [
  "reader_id",
  "book_id",
  "device_id",
  "chapter_id",
  "chapter_no",
  "chapter_offset",
  "read_at",
  "entry_id",
];
const columnsOf = (row: string) => columns.map((column) => `${row}.${column}`).join(", ");

/**
 * A subquery of a reader's latest places in a book, one a device, of the 20 devices used last. `last` is a row in scope, the place
 * read last in the book (`book_places`), or nulls if there is none. With more than 201 devices, `last` is among the places, and the
 * others are of any 200.
 */
export function devicePlaces(last: string): string {
  return `(
    SELECT * FROM (
      SELECT ${columnsOf(last)} WHERE ${last}.device_id IS NOT NULL
      UNION ALL
      (SELECT ${columnsOf("other")} FROM ${device_places} AS other
       WHERE other.reader_id = ${last}.reader_id AND other.book_id = ${last}.book_id AND other.device_id <> ${last}.device_id
       ORDER BY other.device_id LIMIT ${maxOthers})) AS known
    ORDER BY ${latestFirst("known")} LIMIT ${maxDevices})`;
}

/** The same of a reader and a book, given as SQL. */
export function devicePlacesOf(readerId: string, bookId: string): string {
  return `(
    SELECT place.* FROM ${book_places} AS last CROSS JOIN LATERAL ${devicePlaces("last")} AS place
    WHERE last.reader_id = ${readerId} AND last.book_id = ${bookId})`;
}

/** SQL for an order of places by when they were read, the latest first. */
export function latestFirst(place: string): string {
  return `${place}.read_at DESC, ${place}.entry_id COLLATE "C" DESC`;
}

/**
 * SQL for an order of `placed` places of a reader in a book, the furthest first: by chapter number, but if the book was begun
 * again, places since then come before others.
 */
export function furthestFirst(placed: string, readerId: string, bookId: string): string {
  const begun = `SELECT max(began_at) FROM ${reading_rounds} WHERE reader_id = ${readerId} AND book_id = ${bookId}`;
  return `coalesce(${placed}.read_at >= (${begun}), true) DESC, ${placed}.no DESC`;
}
