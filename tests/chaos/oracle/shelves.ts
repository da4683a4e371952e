import type { LoggedEvent } from "./log.ts";

type Row = Record<string, unknown>;

export type Shelves = { readonly books: Map<string, Row>; readonly groups: Map<string, Row> };

/** The shelves as the log has them, by `reader book` and `reader group`: written apart from the read model, on purpose. The load makes no orders. */
export function foldShelves(events: readonly LoggedEvent[]): Shelves {
  const shelves: Shelves = { books: new Map(), groups: new Map() };
  for (const event of events) changeShelves(shelves, event);
  return shelves;
}

/** What one event does to the shelves. */
export function changeShelves({ books, groups }: Shelves, event: LoggedEvent): void {
  const change = (rows: Map<string, Row>, key: string, changed: Row) => {
    const row = rows.get(key);
    if (row !== undefined) rows.set(key, { ...row, ...changed });
  };
  const { type, stream, data, created, position } = event;
  if (!stream.startsWith("shelf-")) return;
  const reader = stream.slice("shelf-".length);
  const book = `${reader} ${data.bookId}`;
  const group = `${reader} ${data.group}`;
  switch (type) {
    case "BookAddedToShelf":
      books.set(book, {
        ...{ reader_id: reader, book_id: data.bookId, added_at: created, added_position: position },
        ...{ pinned: false, group_id: null, order_position: position, order_rank: "V" },
      });
      break;
    case "BookRemovedFromShelf":
      books.delete(book);
      break;
    case "ShelfBookPinned":
    case "ShelfBookUnpinned":
      change(books, book, { pinned: type === "ShelfBookPinned" });
      break;
    case "ShelfBookMovedToGroup":
      change(books, book, { group_id: data.group });
      break;
    case "ShelfGroupCreated": {
      const named = { reader_id: reader, group_id: data.group, name: data.name };
      groups.set(group, { ...named, order_position: position, order_rank: "V" });
      break;
    }
    case "ShelfGroupRenamed":
      change(groups, group, { name: data.name });
      break;
    case "ShelfGroupDeleted":
      groups.delete(group);
      for (const row of books.values())
        if (row.reader_id === reader && row.group_id === data.group) row.group_id = null;
      break;
    default:
      throw new Error(`the fold of the shelves does not know ${type}`);
  }
}
