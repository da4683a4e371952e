import { LRUCache } from "lru-cache";
import { streamName } from "../../domain/streams.ts";
import { StreamDeleted } from "../../event-store/errors.ts";
import type { EventStore } from "../../event-store/types.ts";

/** Whether the library has a book, catalogued at least; an erased one it has no more. */
export type BookExists = (bookId: string) => Promise<boolean>;

/** Some 5 MB of ids. */
const rememberedBooks = 50_000;

/**
 * Answers by event 0 of `book-<bookId>`. A book once found stays in the library, so a hit is cached; a miss never is. Rejects
 * with EventStoreUnavailable.
 */
export function createBookExists(eventStore: Pick<EventStore, "readStream">): BookExists {
  const found = new LRUCache<string, true>({ max: rememberedBooks });
  return async (bookId) => {
    if (found.get(bookId)) return true;
    let exists = false;
    try {
      for await (const _first of eventStore.readStream(streamName("book", bookId), { maxCount: 1 })) exists = true;
    } catch (error) {
      if (!(error instanceof StreamDeleted)) throw error;
    }
    if (exists) found.set(bookId, true);
    return exists;
  };
}
