import type { Move } from "../../domain/shelf/moves.ts";
import { idOf } from "../../domain/streams.ts";
import type { ChangedKind } from "../../domain/sync/changedKinds.ts";
import { defineReadModel } from "../engine/core/declaration.ts";

type Key = readonly [kind: ChangedKind, key: string];
type Of<Data> = { readonly stream: string; readonly position: bigint; readonly data: Data };
type OfBook = { readonly bookId: string };
type OfGroup = { readonly group: string };
type OfBooks = { readonly books: readonly OfBook[] };
type OfMoves = { readonly moves: readonly Move[] };

const book = changing(({ bookId }: OfBook) => [["book", bookId]]);
const group = changing(({ group }: OfGroup) => [["group", group]]);
const histories = changing(({ books }: OfBooks) => books.map(({ bookId }) => ["history", bookId]));

/** The last event that changed or removed each item of a reader. Current values are in the other read models. */
export const changes = defineReadModel({
  name: "changes",
  version: 2,
  partitionKey: "reader",
  categories: ["shelf", "progress", "history", "preferences"],
  tables: {
    reader_changes: {
      columns: { reader_id: "text", kind: "text", key: "text", position: "int8" },
      // No index on the position, which changes with each event (decision 0091).
      primaryKey: ["reader_id", "kind", "key"],
    },
  },
  on: {
    BookAddedToShelf: book,
    BookRemovedFromShelf: book,
    BookReturnedToShelf: book,
    ShelfBookPinned: book,
    ShelfBookUnpinned: book,
    ShelfBookMovedToGroup: book,
    ShelfBooksReordered: changing(({ moves }: OfMoves) => moves.flatMap(({ ids }) => ids.map((id) => ["book", id]))),
    ShelfGroupCreated: group,
    ShelfGroupRenamed: group,
    ShelfGroupDeleted: changing(({ group, bookIds }: OfGroup & { readonly bookIds: readonly string[] }) => [
      ["group", group],
      ...bookIds.map((id): Key => ["book", id]),
    ]),
    ShelfGroupsReordered: changing(({ moves }: OfMoves) => moves.flatMap(({ ids }) => ids.map((id) => ["group", id]))),
    ReadingProgressed: changing(({ bookId }: OfBook) => [["place", bookId]]),
    BookOpened: changing(({ bookId, forgotten }: OfBook & { readonly forgotten: string | null }) => [
      ["history", bookId],
      ...(forgotten === null ? [] : [["history", forgotten] as const]),
    ]),
    BookRemovedFromHistory: changing(({ bookId }: OfBook) => [["history", bookId]]),
    BrowseHistoryCleared: histories,
    BooksReturnedToHistory: histories,
    ReadingPreferenceChosen: changing(() => [["preferences", ""]]),
    ReaderSettingsAdjusted: changing(() => [["settings", ""]]),
  },
});

/** The handler of an event that changes the items with these keys. */
function changing<Data>(keysOf: (data: Data) => readonly Key[]) {
  const keyRows = ({ stream, data }: Of<Data>) =>
    keysOf(data).map(([kind, key]) => ({ reader_id: idOf(stream), kind, key }));
  return {
    keys: (event: Of<Data>) => ({ reader_changes: keyRows(event) }),
    overwrites: true,
    project: (_: unknown, event: Of<Data>) => ({
      reader_changes: keyRows(event).map((row) => ({ ...row, position: event.position })),
    }),
  };
}
