import {
  type ConcurrencyLimit,
  createConcurrencyLimit,
  createKeyedLimit,
  unlimited,
} from "../platform/concurrencyLimit.ts";

/** Kinds of responses that take long to compute: pages of a list, places in a text, and what waits for the search engine. */
export type Costly = "list" | "text" | "search";

/** The limit for computing a response: of the reader whose request it is, and of its kind if it is costly. */
export type QueryLimits = (response: {
  readonly readerId: string | undefined;
  readonly costly: Costly | undefined;
}) => ConcurrencyLimit;

/**
 * After it a request is refused rather than computed, in milliseconds. How long a computation takes depends on the library: with 100,000
 * books a search of a text takes up to 200 ms, and a ranking by heat 150 to 600, so that a number of requests is no bound.
 */
const longestWaitMs = 5_000;

/** The same for searches: behind an engine that does not answer, waiting for longer is of no use. */
const longestWaitForSearchMs = 2_000;

/**
 * Concurrent expensive computations. The pool has ten connections, which readers and the progress tracker need too: lists and searches of
 * texts keep at most six for long, and a search needs one only at its end, to read the books that it shows. Each kind waits apart: one client may send enough searches of texts to keep all places for them busy, and a search engine that does not answer keeps
 * those of searches busy. `maxWaiting` bounds the memory.
 */
const costlyAtOnce = {
  list: { max: 4, maxWaiting: 1_000, longestWaitMs },
  text: { max: 2, maxWaiting: 50, longestWaitMs },
  search: { max: 4, maxWaiting: 1_000, longestWaitMs: longestWaitForSearchMs },
} as const;

/** One computation sends at most four statements at once, so that a reader leaves two of the ten connections to others. */
const ofReaderAtOnce = { max: 2, maxWaiting: 100, longestWaitMs } as const;

/** The limits of one process. Work that waits for too long, or with too many others, rejects with TooManyWaiting. */
export function createQueryLimits(): QueryLimits {
  const ofReader = createKeyedLimit(ofReaderAtOnce);
  const ofKind: Readonly<Record<Costly, ConcurrencyLimit>> = {
    list: createConcurrencyLimit(costlyAtOnce.list),
    text: createConcurrencyLimit(costlyAtOnce.text),
    search: createConcurrencyLimit(costlyAtOnce.search),
  };
  return ({ readerId, costly }) => {
    const kind = costly === undefined ? unlimited : ofKind[costly];
    if (readerId === undefined) return kind;
    const own = ofReader(readerId);
    // Take the reader's slot first: a request waiting for it must not hold a shared one.
    return (work) => own(() => kind(work));
  };
}
