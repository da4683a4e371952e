/** The categories of streams: what stands before a stream name's first dash. */
export const categories = ["shelf", "account", "book", "operations"] as const;
export type Category = (typeof categories)[number];

export type StreamName = `${Category}-${string}`;

/** The stream of one category for one reader (`shelf-<readerId>`), one book (`book-<bookId>`) or one matter of the operators. */
export function streamName(category: Category, id: string): StreamName {
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
