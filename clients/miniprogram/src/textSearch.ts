import type { AnswerOf, Client } from "./client.js";
import { requireAnswerOfApi } from "./errors.js";

/** A place in a book's text; `offset` is that of the chapter, as in progress and bookmarks. */
export type TextPlace = AnswerOf<"GET /v1/books/{bookId}/search">["items"][number];

export interface TextSearch {
  /**
   * The next places, one at least; undefined when the book has no more. A call waits for the one before, and gets what follows.
   * Rejects with a HeimaError, and may be called again then.
   */
  next(): Promise<readonly TextPlace[] | undefined>;
}

/** Searches the text of a book, page by page. A page of a long book may be empty and go on: those are passed over. */
export function createTextSearch(options: { client: Client; bookId: string; q: string; limit?: number }): TextSearch {
  const { client, bookId, q, limit } = options;
  /** Of the next page; null after the last. */
  let cursor: string | null | undefined;
  let latest: Promise<unknown> = Promise.resolve();

  async function nextPage(): Promise<readonly TextPlace[] | undefined> {
    while (cursor !== null) {
      const query = { q, ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
      const page: AnswerOf<"GET /v1/books/{bookId}/search"> = await client.send("GET /v1/books/{bookId}/search", {
        params: { bookId },
        query,
      });
      requireAnswerOfApi(Array.isArray(page.items));
      cursor = page.nextCursor;
      if (page.items.length > 0) return page.items;
    }
    return undefined;
  }

  return {
    next() {
      const page = latest.then(nextPage, nextPage);
      latest = page;
      return page;
    },
  };
}
