import type { StreamFacts } from "./stream.ts";

/**
 * Ids of streams, ours and those of others that are read: far below what an index of Postgres takes (2,704 bytes) and what
 * a log line should hold. UUIDs and book ids are shorter.
 */
const streamId = /^[\w-]{1,64}$/;

/** Whether `stream` is named as `nameOf` would name it, whatever its category: it ends in an id of sane length. */
export function hasStreamId(stream: string): boolean {
  return streamId.test(idOf(stream));
}

/** The name of one stream of a kind. Throws RangeError if the id is not 1 to 64 of `[A-Za-z0-9_-]`: callers have checked it. */
export function nameOf<Category extends string, Id extends string>(
  { category }: Pick<StreamFacts<Category, Id>, "category">,
  id: Id,
): `${Category}-${Id}` {
  if (!streamId.test(id)) throw new RangeError(`an id of ${id.length} characters makes no name of a stream`);
  return `${category}-${id}`;
}

/** What stands behind the first dash of a stream name: the reader's or the book's id. */
export function idOf(stream: string): string {
  return stream.slice(stream.indexOf("-") + 1);
}
