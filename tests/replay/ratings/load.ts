import { randomUUID } from "node:crypto";
import type { HeimaEvent } from "../../../src/domain/events.ts";
import { streamName } from "../../../src/domain/streams.ts";
import { createCodec } from "../../../src/event-store/codec.ts";
import type { EventStore, EventToAppend } from "../../../src/event-store/types.ts";
import { catalogued, progressed, published } from "../log.ts";

/** A row of MovieLens' ratings.csv. */
export type Rating = {
  readonly user: number;
  readonly movie: number;
  readonly rating: number;
  readonly seconds: number;
};

/** Converts a rating to reading; ./expected.ts does the same in SQL. */
export const bookOf = (movie: number) => `m${String(movie).padStart(11, "0")}`;
export const readerOf = (user: number) => `00000000-0000-7000-8000-${String(user).padStart(12, "0")}`;

const codec = createCodec();
const atOnce = 200;

export function ratingsOf(csv: string): readonly Rating[] {
  const [, ...lines] = csv.trim().split(/\r?\n/);
  return lines.map((line) => {
    const [user = 0, movie = 0, rating = 0, seconds = 0] = line.split(",").map(Number);
    return { user, movie, rating, seconds };
  });
}

/** Appends a book of ten chapters for each movie, and a reading for each rating. Returns the number of events. */
export async function loadRatings(eventStore: Pick<EventStore, "append">, ratings: readonly Rating[]): Promise<number> {
  let events = 0;
  const movies = [...new Set(ratings.map(({ movie }) => movie))];
  const append = async (stream: string, all: readonly HeimaEvent[]) => {
    let last: bigint | "no_stream" = "no_stream";
    for (let first = 0; first < all.length; first += atOnce) {
      const some = all.slice(first, first + atOnce).map(encoded);
      last = (await eventStore.append(stream, last, some)).revision;
      events += some.length;
    }
  };
  await inTurns(movies, async (movie) => {
    const about = catalogued(bookOf(movie), `影${movie}`, `类${movie % 7}`);
    if (about.type === "BookCatalogued") {
      const channel = (["male", "female", "published"] as const)[movie % 3] ?? "male";
      await append(streamName("book", bookOf(movie)), [{ ...about, data: { ...about.data, channel } }, published(10)]);
    }
  });
  const byUser = new Map<number, Rating[]>();
  for (const rating of ratings) byUser.set(rating.user, [...(byUser.get(rating.user) ?? []), rating]);
  await inTurns([...byUser], async ([user, own]) =>
    append(
      streamName("progress", readerOf(user)),
      own.map(({ movie, rating, seconds }) =>
        progressed({
          bookId: bookOf(movie),
          readAt: new Date(seconds * 1_000).toISOString(),
          activeSeconds: 60 + (movie % 541),
          chapterNo: Math.ceil(rating * 2),
          deviceId: `device ${movie % (1 + (user % 3))}`,
        }),
      ),
    ),
  );
  return events;
}

function encoded(event: HeimaEvent): EventToAppend {
  const commandId = randomUUID();
  return codec.encode(event, randomUUID(), {
    commandId,
    commandHash: "0".repeat(64),
    correlationId: commandId,
    causationId: commandId,
    occurredAt: new Date().toISOString(),
  });
}

async function inTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let index = next++; index < items.length; index = next++) await work(items[index] as Item);
    }),
  );
}
