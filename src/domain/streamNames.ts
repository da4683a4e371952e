import type { StreamFacts } from "./stream.ts";

/**
 * Ids of streams, also of foreign streams that are read: far shorter than a Postgres index allows (2,704 bytes), and suitable
 * for a log line. UUIDs and book ids are shorter.
 */
const streamId = /^[\w-]{1,64}$/;

/** Returns whether a stream name of any category ends in a valid id, as `nameOf` would make it. */
export function hasStreamId(stream: string): boolean {
  return streamId.test(idOf(stream));
}

/** The name of a stream. Throws RangeError if the id is not 1 to 64 of `[A-Za-z0-9_-]`; callers must have checked it. */
export function nameOf<Category extends string, Id extends string>(
  { category }: Pick<StreamFacts<Category, Id>, "category">,
  id: Id,
): `${Category}-${Id}` {
  if (!streamId.test(id)) throw new RangeError(`an id of ${id.length} characters makes no name of a stream`);
  return `${category}-${id}`;
}

/** The part of a stream name after the first dash: the id of the reader, book or channel. */
export function idOf(stream: string): string {
  return stream.slice(stream.indexOf("-") + 1);
}
