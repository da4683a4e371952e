import { type BooksIndex, type Found, type SearchBody, searchAll } from "./booksIndex.ts";

/** Searches one index. Rejects with SearchUnavailable. */
export type SearchOne = (body: SearchBody) => Promise<Found>;

/** Requests under way: while the server works on one, the next is gathered and a third is on its way. */
const requestsAtOnce = 2;
const searchesInOne = 32;

type Waiting = {
  readonly body: SearchBody;
  resolve(found: Found): void;
  reject(error: unknown): void;
};

/**
 * Sends small searches that come at the same time in one request: what a request costs both sides beside the search is more than a
 * suggestion itself. A search alone is not delayed; under load those that come while two requests are under way wait for the next. When
 * a request fails, those that wait fail with it, so that none waits longer than for one answer.
 */
export function gatherSearches(index: BooksIndex): SearchOne {
  let waiting: Waiting[] = [];
  let underWay = 0;
  let isScheduled = false;

  async function send(some: readonly Waiting[]): Promise<void> {
    underWay++;
    try {
      const found = await searchAll(
        index,
        some.map(({ body }) => body),
      );
      for (const [at, { resolve, reject }] of some.entries()) {
        const one = found[at];
        if (one === undefined || one instanceof Error) reject(one ?? new Error("a search has no answer"));
        else resolve(one);
      }
    } catch (error) {
      const all = [...some, ...waiting];
      waiting = [];
      for (const { reject } of all) reject(error);
    } finally {
      underWay--;
      sendWaiting();
    }
  }

  function sendWaiting(): void {
    while (underWay < requestsAtOnce && waiting.length > 0) {
      const some = waiting.slice(0, searchesInOne);
      waiting = waiting.slice(searchesInOne);
      void send(some);
    }
  }

  return (body) =>
    new Promise((resolve, reject) => {
      waiting.push({ body, resolve, reject });
      if (isScheduled || underWay >= requestsAtOnce) return;
      isScheduled = true;
      // Requests that came with one turn of the event loop travel together.
      setImmediate(() => {
        isScheduled = false;
        sendWaiting();
      });
    });
}
