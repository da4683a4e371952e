import { LRUCache } from "lru-cache";
import { type LibraryEvent, libraryEvents } from "../../domain/library/events.ts";
import { maxEntries } from "../../domain/reading/progress/limits.ts";
import { streamName } from "../../domain/streams.ts";
import { codecOf } from "../../event-store/codec.ts";
import { StreamDeleted } from "../../event-store/errors.ts";
import type { EventStore } from "../../event-store/types.ts";
import { createTokenBuckets } from "../../platform/tokenBucket.ts";
import { BookNotFound, ChapterNotFound, TooManyBooks } from "../errors.ts";
import { createKeyedMutex } from "../keyedMutex.ts";

/** The number of a chapter in the published edition, or the last number it had; otherwise what does not exist. */
export type ChapterNumber = (asked: {
  readonly readerId: string;
  readonly bookId: string;
  readonly chapterId: string;
}) => Promise<number | "no such book" | "no such chapter">;

/** The number of a chapter. Rejects with BookNotFound or ChapterNotFound if there is none, or as `chapterNumber` does. */
export async function requireChapterNumber(
  chapterNumber: ChapterNumber,
  asked: Parameters<ChapterNumber>[0],
): Promise<number> {
  const found = await chapterNumber(asked);
  if (found === "no such book") throw new BookNotFound(`There is no book ${asked.bookId}.`);
  if (found === "no such chapter") throw new ChapterNotFound(`Book ${asked.bookId} has no such chapter.`);
  return found;
}

export type ChapterNumberOptions = {
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
  /** Limits the reads of a book for one reader; no limit if undefined. */
  readonly readsOfReader?: { readonly capacity: number; readonly fillMs: number };
};

/**
 * The default of the API: the entries of one command may be of that many books. A book of 2,000 chapters that is not cached takes some 10 ms of
 * CPU and a read of 400 KB.
 */
export const readsOfReader = { capacity: maxEntries, fillMs: 20_000 };

/** A book folded up to `revision`: the chapters of its published editions and of its draft. */
type Chapters = {
  revision: bigint;
  /** By chapter id. Chapters that an edition removed keep their last number: a device may report them later. */
  readonly numbers: Map<string, number>;
  draft: { readonly edition: number; readonly numbers: [chapterId: string, no: number][] } | undefined;
  readAt: number;
};

/** The number of cached chapters, some 100 bytes each. */
const rememberedChapters = 500_000;

/** After this time the next command on a book reads newer events of it. */
const maxAgeMs = 60_000;

const codec = codecOf(libraryEvents);

/**
 * Answers from the book's stream, and caches the chapter numbers: while a book is cached, looking up one of its chapters costs
 * at most one read a minute. Missing chapters are looked up every time. Rejects with EventStoreUnavailable, or with TooManyBooks if books
 * were read for this reader too often.
 */
export function createChapterNumber(
  eventStore: Pick<EventStore, "readStream">,
  { now = () => performance.now(), readsOfReader: limit }: ChapterNumberOptions = {},
): ChapterNumber {
  const reads = limit && createTokenBuckets(limit);
  const known = new LRUCache<string, Chapters>({
    maxSize: rememberedChapters,
    sizeCalculation: ({ numbers }) => numbers.size + 5,
  });
  const oneByOne = createKeyedMutex();

  async function readNewEvents(bookId: string, readerId: string): Promise<Chapters | undefined> {
    if (limit && !reads?.take(readerId, now())) throw new TooManyBooks(limit.fillMs);
    const before = known.get(bookId);
    const chapters = before ?? { revision: -1n, numbers: new Map(), draft: undefined, readAt: 0 };
    const readAt = now();
    try {
      const events = eventStore.readStream(streamName("book", bookId), { fromRevision: chapters.revision + 1n });
      for await (const recorded of events) {
        fold(chapters, codec.decode(recorded));
        chapters.revision = recorded.revision;
      }
    } catch (error) {
      known.delete(bookId);
      if (error instanceof StreamDeleted) return undefined;
      throw error;
    }
    if (chapters.revision < 0n) return undefined;
    chapters.readAt = readAt;
    // Set again, because its size may have changed.
    known.set(bookId, chapters);
    return chapters;
  }

  return async ({ readerId, bookId, chapterId }) => {
    const cached = known.get(bookId);
    const number = cached?.numbers.get(chapterId);
    if (cached !== undefined && number !== undefined && now() - cached.readAt < maxAgeMs) return number;
    const chapters = await oneByOne(bookId, async () => {
      const meanwhile = known.get(bookId);
      const isFresh = meanwhile?.numbers.has(chapterId) && now() - meanwhile.readAt < maxAgeMs;
      return isFresh ? meanwhile : readNewEvents(bookId, readerId);
    });
    if (chapters === undefined) return "no such book";
    return chapters.numbers.get(chapterId) ?? "no such chapter";
  };
}

function fold(chapters: Chapters, event: LibraryEvent): void {
  if (event.type === "ChaptersPublished") {
    const { edition } = event.data;
    if (chapters.draft?.edition !== edition) chapters.draft = { edition, numbers: [] };
    for (const { chapterId, no } of event.data.chapters) chapters.draft.numbers.push([chapterId, no]);
  } else if (event.type === "BookPublished") {
    const { draft } = chapters;
    if (draft?.edition === event.data.edition) for (const [id, no] of draft.numbers) chapters.numbers.set(id, no);
    chapters.draft = undefined;
  }
}
