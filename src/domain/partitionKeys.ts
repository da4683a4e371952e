import { categoryOf, idOf } from "./streams.ts";

/** What the rows of a read model belong to, and so what its partitions are cut by. */
export type PartitionKeyKind = "reader" | "book";

/**
 * The partition key of an event, from its stream name and raw data alone: the dispatcher must find it for events whose schema
 * it does not know. A reader's key is the id of any stream but a book's or the operators'; a book's is the id of a `book-` stream, or
 * the `bookId` of the data of a reader's. Undefined: the event belongs to no such key.
 */
export function partitionKeyOf(kind: PartitionKeyKind, stream: string, data: unknown): string | undefined {
  const category = categoryOf(stream);
  if (category === "operations") return undefined;
  const ofBook = category === "book";
  if (kind === "reader") return ofBook ? undefined : idOf(stream);
  if (ofBook) return idOf(stream);
  const bookId = typeof data === "object" && data !== null && "bookId" in data ? data.bookId : undefined;
  return typeof bookId === "string" ? bookId : undefined;
}
