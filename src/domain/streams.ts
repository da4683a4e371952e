/** The categories of streams: what stands before a stream name's first dash. */
export const categories = ["shelf", "account", "book", "operations"] as const;
export type Category = (typeof categories)[number];

export type StreamName = `${Category}-${string}`;

/**
 * Ids of streams, ours and those of others that are read: far below what an index of Postgres takes (2,704 bytes) and what
 * a log line should hold. UUIDs and book ids are shorter.
 */
const streamId = /^[\w-]{1,64}$/;

/** Whether `stream` is named as `streamName` would name it, whatever its category: it ends in an id of sane length. */
export function hasStreamId(stream: string): boolean {
  return streamId.test(idOf(stream));
}

/**
 * The stream of one category for one reader (`shelf-<readerId>`), one book (`book-<bookId>`) or one matter of the operators. Throws RangeError if the
 * id is not 1 to 64 of `[A-Za-z0-9_-]`: callers have checked it.
 */
export function streamName(category: Category, id: string): StreamName {
  if (!streamId.test(id)) throw new RangeError(`an id of ${id.length} characters makes no name of a stream`);
  return `${category}-${id}`;
}

/** The category of a stream name, or undefined if it is none of ours. */
export function categoryOf(stream: string): Category | undefined {
  const category = stream.slice(0, stream.indexOf("-"));
  return categories.find((known) => known === category);
}

/** What stands behind the first dash of a stream name: the reader's or the book's id. */
export function idOf(stream: string): string {
  return stream.slice(stream.indexOf("-") + 1);
}
