import type { LoggedEvent } from "./log.ts";

type Row = Record<string, unknown>;

/** Rows by `reader book` and `reader group`; the keys of each reader in order: the newest book first, the newest group last. */
export type Shelves = {
  readonly books: Map<string, Row>;
  readonly groups: Map<string, Row>;
  readonly order: Map<string, Order>;
  /** When removed books had been added, by `reader book`. */
  readonly removed: Map<string, Row>;
};
type Order = { books: readonly string[]; groups: readonly string[] };
type Move = { readonly ids: readonly string[]; readonly after: string | null };

export const noShelves = (): Shelves => ({ books: new Map(), groups: new Map(), order: new Map(), removed: new Map() });

/**
 * The shelves according to the log: deliberately independent of the read model. Each row has its place in the order, where a stored
 * row has a position and a rank (`placed`).
 */
export function foldShelves(events: readonly LoggedEvent[]): Pick<Shelves, "books" | "groups"> {
  const shelves = noShelves();
  for (const event of events) changeShelves(shelves, event);
  for (const [reader, order] of shelves.order) {
    for (const kind of ["books", "groups"] as const) {
      for (const [place, id] of order[kind].entries()) {
        const row = shelves[kind].get(`${reader} ${id}`);
        if (row !== undefined) row.place = place;
      }
    }
  }
  return shelves;
}

/** Stored rows with their places in their reader's order instead of the sort keys. */
export function placed(rows: ReadonlyMap<string, Row>, shown: "newest first" | "newest last"): Map<string, Row> {
  const compare = (a: Row, b: Row) =>
    Number(BigInt(String(a.order_position)) - BigInt(String(b.order_position))) ||
    Buffer.compare(Buffer.from(String(a.order_rank)), Buffer.from(String(b.order_rank)));
  const ascending = [...rows].sort(([, a], [, b]) => compare(a, b));
  const places = new Map<unknown, number>();
  return new Map(
    (shown === "newest last" ? ascending : ascending.reverse()).map(([name, row]) => {
      const { order_position, order_rank, ...rest } = row;
      const place = places.get(row.reader_id) ?? 0;
      places.set(row.reader_id, place + 1);
      return [name, { ...rest, place }];
    }),
  );
}

function moved(order: readonly string[], moves: readonly Move[]): readonly string[] {
  return moves.reduce((before, { ids, after }) => {
    if (after !== null && !before.includes(after)) return before;
    const there = ids.filter((id) => before.includes(id));
    const rest = before.filter((id) => !there.includes(id));
    const at = after === null ? 0 : rest.indexOf(after) + 1;
    return [...rest.slice(0, at), ...there, ...rest.slice(at)];
  }, order);
}

/** Applies one event to the shelves. */
export function changeShelves({ books, groups, order, removed }: Shelves, event: LoggedEvent): void {
  const change = (rows: Map<string, Row>, key: string, changed: Row) => {
    const row = rows.get(key);
    if (row !== undefined) rows.set(key, { ...row, ...changed });
  };
  const { type, stream, data, created, position } = event;
  if (!stream.startsWith("shelf-")) return;
  const reader = stream.slice("shelf-".length);
  const book = `${reader} ${data.bookId}`;
  const group = `${reader} ${data.group}`;
  const own = order.get(reader) ?? { books: [], groups: [] };
  order.set(reader, own);
  switch (type) {
    case "BookAddedToShelf":
      books.set(book, {
        reader_id: reader,
        book_id: data.bookId,
        added_at: created,
        added_position: position,
        pinned: false,
        group_id: null,
      });
      own.books = [String(data.bookId), ...own.books.filter((id) => id !== data.bookId)];
      break;
    case "BookRemovedFromShelf": {
      const { added_at, added_position } = books.get(book) ?? {};
      if (books.has(book)) removed.set(book, { added_at, added_position });
      books.delete(book);
      own.books = own.books.filter((id) => id !== data.bookId);
      break;
    }
    case "BookReturnedToShelf": {
      // Only removed books return, so when they were added is known.
      const before = removed.get(book) ?? { added_at: created, added_position: position };
      books.set(book, {
        reader_id: reader,
        book_id: data.bookId,
        ...before,
        pinned: data.pinned,
        group_id: data.group,
      });
      const { after } = data as { after: string | null };
      const place = after === null ? 0 : own.books.indexOf(after) + 1;
      own.books = own.books.toSpliced(place, 0, String(data.bookId));
      break;
    }
    case "ShelfBookPinned":
    case "ShelfBookUnpinned":
      change(books, book, { pinned: type === "ShelfBookPinned" });
      break;
    case "ShelfBookMovedToGroup":
      change(books, book, { group_id: data.group });
      break;
    case "ShelfGroupCreated": {
      groups.set(group, { reader_id: reader, group_id: data.group, name: data.name });
      own.groups = [...own.groups.filter((id) => id !== data.group), String(data.group)];
      break;
    }
    case "ShelfGroupRenamed":
      change(groups, group, { name: data.name });
      break;
    case "ShelfGroupDeleted":
      groups.delete(group);
      own.groups = own.groups.filter((id) => id !== data.group);
      for (const row of books.values())
        if (row.reader_id === reader && row.group_id === data.group) row.group_id = null;
      break;
    case "ShelfBooksReordered":
      own.books = moved(own.books, data.moves as readonly Move[]);
      break;
    case "ShelfGroupsReordered":
      own.groups = moved(own.groups, data.moves as readonly Move[]);
      break;
    default:
      throw new Error(`the fold of the shelves does not know ${type}`);
  }
}
