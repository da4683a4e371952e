import { LRUCache } from "lru-cache";
import { streamName } from "../../domain/streams.ts";
import { StreamDeleted } from "../../event-store/errors.ts";
import type { EventStore } from "../../event-store/types.ts";

/** Whether the library has a book, catalogued at least; an erased one it has no more. */
export type BookExists = (bookId: string) => Promise<boolean>;

/** Some 5 MB of ids. */
const rememberedBooks = 50_000;

/**
 * Answers by event 0 of `book-<bookId>`. A book once found stays in the library, withdrawn or not, so a hit is cached; a miss
 * never is. Who asks while the book is looked up shares a hit; after a miss it is looked up once more, for the book may have
 * come after that read began. Rejects with EventStoreUnavailable.
 */
export function createBookExists(eventStore: Pick<EventStore, "readStream">): BookExists {
  const found = new LRUCache<string, true>({ max: rememberedBooks });
  const asked = new Map<string, Promise<boolean>>();

  async function lookUp(bookId: string): Promise<boolean> {
    try {
      for await (const _first of eventStore.readStream(streamName("book", bookId), { maxCount: 1 })) {
        found.set(bookId, true);
      }
    } catch (error) {
      if (!(error instanceof StreamDeleted)) throw error;
    }
    return found.has(bookId);
  }

  return async (bookId) => {
    if (found.get(bookId)) return true;
    const before = asked.get(bookId);
    if (before !== undefined && (await before.catch(() => false))) return true;
    const own = lookUp(bookId);
    asked.set(bookId, own);
    try {
      return await own;
    } finally {
      if (asked.get(bookId) === own) asked.delete(bookId);
    }
  };
}
