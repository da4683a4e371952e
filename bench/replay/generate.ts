import { createHash } from "node:crypto";
import type { HeimaEvent } from "../../src/domain/events.ts";
import { streamName } from "../../src/domain/streams.ts";
import { createCodec } from "../../src/event-store/codec.ts";
import { OutcomeUnknown } from "../../src/event-store/errors.ts";
import type { EventStore, EventToAppend, ExpectedRevision } from "../../src/event-store/types.ts";

const codec = createCodec();

/** Events per append. */
const atOnce = 250;
const eventsOfReader = 250;
/** More of them can exceed the time-out of an append on a busy machine. */
const writers = 8;
const maxTries = 10;
const begin = Date.UTC(2026, 7, 1);
const days = 90;

/** Numbers from 0 to 1: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const uuidOf = (text: string) =>
  createHash("md5")
    .update(text)
    .digest("hex")
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
const bookId = (n: number) => `b${String(n).padStart(11, "0")}`;

/**
 * Appends `count` events of readers, and `books` books before them: the same ones for the same seed. Nine of ten are readings, the
 * others openings, shelvings and finishings; a few books have most of the readers, and most reading is in the evening.
 */
export async function generateLog(
  eventStore: Pick<EventStore, "append">,
  { count, books = 2_000, seed = 20 }: { readonly count: number; readonly books?: number; readonly seed?: number },
  onEvents: (written: number) => void = () => {},
): Promise<number> {
  const appender = createAppender(eventStore, seed);
  await inTurns(books, (n) => appender(streamName("book", bookId(n)), libraryOf(n)));
  const readers = Math.ceil(count / eventsOfReader);
  let written = 0;
  await inTurns(readers, async (n) => {
    const wanted = Math.min(eventsOfReader, count - n * eventsOfReader);
    const reader = uuidOf(`reader ${seed} ${n}`);
    const byCategory = new Map<string, HeimaEvent[]>();
    for (const [category, event] of readingOf(randomFrom(seed * 1_000_003 + n), wanted, books)) {
      const own = byCategory.get(category) ?? [];
      own.push(event);
      byCategory.set(category, own);
    }
    for (const [category, events] of byCategory) await appender(streamName(category as "progress", reader), events);
    written += wanted;
    onEvents(written);
  });
  return written;
}

function createAppender(eventStore: Pick<EventStore, "append">, seed: number) {
  return async (stream: string, events: readonly HeimaEvent[]): Promise<void> => {
    let revision: ExpectedRevision = "no_stream";
    for (let first = 0; first < events.length; first += atOnce) {
      const some = events.slice(first, first + atOnce).map((event, n): EventToAppend => {
        const commandId = uuidOf(`${seed} ${stream} ${first + n}`);
        return codec.encode(event, commandId, {
          commandId,
          commandHash: "0".repeat(64),
          correlationId: commandId,
          causationId: commandId,
          occurredAt: new Date(begin).toISOString(),
        });
      });
      revision = await appended(eventStore, stream, revision, some);
    }
  };
}

/** Retries while the outcome is unknown: the same ids are written once. */
async function appended(
  eventStore: Pick<EventStore, "append">,
  stream: string,
  expected: ExpectedRevision,
  events: readonly EventToAppend[],
): Promise<bigint> {
  for (let tried = 1; ; tried++) {
    try {
      return (await eventStore.append(stream, expected, events)).revision;
    } catch (error) {
      if (!(error instanceof OutcomeUnknown) || tried === maxTries) throw error;
    }
  }
}

function libraryOf(n: number): readonly HeimaEvent[] {
  const channel = (["male", "female", "published"] as const)[n % 3] ?? "male";
  return [
    {
      type: "BookCatalogued",
      data: {
        source: { name: "bench", id: `${n}` },
        title: `第${n}本书`,
        author: `作者${n % 300}`,
        intro: "",
        channel,
        category: `分类${n % 12}`,
        subCategory: null,
        status: "serialising",
        words: null,
        cover: null,
      },
    },
    {
      type: "BookPublished",
      data: {
        edition: 1,
        digest: "0".repeat(64),
        totals: { chapters: 300, words: 600_000 },
        replaces: 0,
        chaptersBefore: 0,
        changed: [{ from: 1, to: 300 }],
      },
    },
  ];
}

function* readingOf(
  random: () => number,
  count: number,
  books: number,
): Generator<readonly [category: string, event: HeimaEvent]> {
  let at = begin + random() * 10 * 86_400_000;
  let chapterNo = 1;
  let visit = 0;
  let book = 0;
  const shelf = new Set<string>();
  for (let n = 0; n < count; n++) {
    at += random() < 0.1 ? random() * ((2 * days) / count) * 10 * 86_400_000 : 60_000 + random() * 600_000;
    const readAt = new Date(at).toISOString();
    const id = bookId(book);
    if (n % 10 > 0) {
      chapterNo = Math.min(300, chapterNo + 1);
      const entryId = uuidOf(`${id} ${at}`);
      const device = random() < 0.8 ? "phone" : "tablet";
      yield [
        "progress",
        {
          type: "ReadingProgressed",
          data: {
            entryId,
            bookId: id,
            chapterId: `c${String(chapterNo).padStart(11, "0")}`,
            chapterNo,
            offset: 120,
            readAt,
            activeSeconds: Math.floor(60 + random() * 500),
            deviceId: device,
          },
        },
      ];
      continue;
    }
    book = Math.floor(random() ** 3 * books);
    chapterNo = 1;
    visit++;
    yield ["history", { type: "BookOpened", data: { bookId: bookId(book), visit, openedAt: readAt, forgotten: null } }];
    if (random() < 0.5 && !shelf.has(bookId(book)) && n + 1 < count) {
      n++;
      shelf.add(bookId(book));
      yield ["shelf", { type: "BookAddedToShelf", data: { bookId: bookId(book) } }];
    }
  }
}

async function inTurns(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: writers }, async () => {
      for (let n = next++; n < count; n = next++) await work(n);
    }),
  );
}
