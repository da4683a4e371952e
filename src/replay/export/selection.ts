import type { Category } from "../../domain/streams.ts";
import { idOf } from "../../domain/streams.ts";
import type { ReplayedEvent } from "../events.ts";
import { ReplayRefused } from "../replayRefused.ts";
import { bookOf } from "../schema/cells.ts";
import { type EventRow, eventRows } from "../schema/columns.ts";
import type { ExportFilters } from "./manifest.ts";

/** Which events of the log go into a copy. */
export type Selection = {
  /** The categories of the log that must be read for them. */
  readonly categories: readonly Category[];
  /** Maps the event to a row; undefined if it is not wanted. */
  rowOf(event: ReplayedEvent): EventRow | undefined;
  /** Returns whether events of the type may be wanted. */
  hasType(type: string): boolean;
};

const rowsByType: ReadonlyMap<string, EventRow> = new Map(eventRows.map((row) => [row.type, row]));

/** Throws ReplayRefused if a type is unknown. */
export function selectionOf({ types, books, readers }: ExportFilters): Selection {
  for (const type of types)
    if (!rowsByType.has(type))
      throw new ReplayRefused(`there are no events of type ${type}; docs/events.md has them all`);
  const wanted = eventRows.filter(
    (row) =>
      (types.length === 0 || types.includes(row.type)) &&
      (books.length === 0 || row.book !== undefined) &&
      (readers.length === 0 || row.ofReader),
  );
  const byType = new Map(wanted.map((row) => [row.type, row]));
  const [ofBooks, ofReaders] = [new Set(books), new Set(readers)];
  // The books' own events tell what a book was called at each event.
  const categories = [...new Set([...wanted.map(({ category }) => category), "book"])] as Category[];
  return {
    categories,
    hasType: (type) => byType.has(type),
    rowOf(event) {
      const row = byType.get(event.type);
      if (row === undefined) return undefined;
      if (ofReaders.size > 0 && !ofReaders.has(idOf(event.stream))) return undefined;
      if (ofBooks.size > 0 && !ofBooks.has(bookOf(event, row) ?? "")) return undefined;
      return row;
    },
  };
}
