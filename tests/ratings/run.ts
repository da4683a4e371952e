import assert from "node:assert/strict";
import { makeReaders } from "../../bench/commands/workload.ts";
import { openConnection } from "../../bench/load/connection.ts";
import { compareChanges, comparePlaces, compareReadingTime } from "./compare.ts";
import { type Book, entriesOf, type Rating } from "./entries.ts";
import { expectedOf } from "./fold.ts";
import { sendEntries } from "./send.ts";

/** What was sent and compared. */
export type Counts = Record<
  "readers" | "entries" | "requests" | "events" | "changes" | "places" | "readingSeconds" | "sentInMs" | "comparedInMs",
  number
>;

/**
 * Sends ratings as progress of readers, all over HTTP, and compares what the queries show of every reader with a fold of the rows.
 * Throws at the first difference.
 */
export async function runRatings(options: {
  readonly api: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ratings: readonly Rating[];
  readonly books: readonly Book[];
  /** Books of each reader whose places are asked for one by one. */
  readonly placesOfReader: number;
}): Promise<Counts> {
  const { api, environment } = options;
  const byReader = [...entriesOf(options.ratings, options.books).values()];
  const claims = { issuer: "heima-literature", audience: "heima-literature-api" };
  const readers = makeReaders(byReader.length, environment.JWT_SECRETS ?? "", claims);
  const tokens: string[] = [];
  const counts: Counts = {
    readers: readers.length,
    entries: 0,
    requests: 0,
    events: 0,
    changes: 0,
    places: 0,
    readingSeconds: 0,
    sentInMs: 0,
    comparedInMs: 0,
  };
  const forEach = async (act: (index: number, authorization: string, connection: Connection) => Promise<void>) => {
    const began = performance.now();
    let next = 0;
    const work = async () => {
      const connection = await openConnection(api);
      for (let index = next++; index < readers.length; index = next++) {
        await act(index, `Bearer ${readers[index]?.token}`, connection);
      }
      connection.close();
    };
    await Promise.all(Array.from({ length: 8 }, work));
    return performance.now() - began;
  };

  counts.sentInMs = await forEach(async (index, authorization, connection) => {
    const entries = byReader[index] ?? [];
    const sent = await sendEntries(connection, authorization, entries);
    tokens[index] = sent.token;
    counts.entries += entries.length;
    counts.events += sent.events;
    counts.requests += sent.requests;
  });
  counts.comparedInMs = await forEach(async (index, authorization, connection) => {
    const expected = expectedOf(byReader[index] ?? []);
    const asking = { connection, authorization, token: tokens[index] ?? "" };
    const changes = await compareChanges(asking, expected);
    const places = await comparePlaces(asking, expected, options.placesOfReader);
    const seconds = await compareReadingTime(asking, expected);
    counts.changes += changes;
    counts.places += places;
    counts.readingSeconds += seconds;
  });
  assert.ok(counts.events >= counts.entries, "an entry was not recorded");
  return counts;
}

type Connection = Awaited<ReturnType<typeof openConnection>>;

/** The books of the library whose chapters are long enough, in the order of their ids. */
export async function booksOf(api: string): Promise<readonly Book[]> {
  const ask = async <Body>(path: string) => (await (await fetch(`${api}${path}`)).json()) as Body;
  type Page = { items: { bookId: string }[]; nextCursor: string | null };
  const ids: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: Page = await ask<Page>(`/v1/books?limit=100${cursor === "" ? "" : `&cursor=${cursor}`}`);
    ids.push(...page.items.map(({ bookId }) => bookId));
    cursor = page.nextCursor;
  }
  const books: Book[] = [];
  for (const bookId of ids.sort()) {
    const { items } = await ask<{ items: { chapterId: string; words: number }[] }>(
      `/v1/books/${bookId}/chapters?limit=10`,
    );
    if (items.length > 0 && items.every(({ words }) => words > 220)) {
      books.push({ bookId, chapterIds: items.map(({ chapterId }) => chapterId) });
    }
  }
  return books;
}
