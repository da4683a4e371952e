import { LRUCache } from "lru-cache";
import { streamName } from "../../domain/streams.ts";
import { StreamDeleted } from "../../event-store/errors.ts";
import type { EventStore } from "../../event-store/types.ts";
import { BookNotFound } from "../errors.ts";

/** Resolves with whether the library has a book (at least catalogued, and not deleted). */
export type BookExists = (bookId: string) => Promise<boolean>;

/** The precondition of a command that all these books exist. It rejects with BookNotFound for the first that does not, or as `bookExists` does. */
export function requireBooks(bookExists: BookExists, ...bookIds: readonly string[]): () => Promise<void> {
  return async () => {
    const exist = await Promise.all(bookIds.map(bookExists));
    const missing = bookIds[exist.indexOf(false)];
    if (missing !== undefined) throw new BookNotFound(`There is no book ${missing}.`);
  };
}

/** Some 5 MB of ids. */
const rememberedBooks = 50_000;

/**
 * Checks for event 0 of `book-<bookId>`. Hits are cached, since a book stays in the library even when withdrawn; misses are
 * not. Concurrent callers share a lookup if it is a hit; after a miss each caller looks it up again, because the book may
 * have been added after that read started. Rejects with EventStoreUnavailable.
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
