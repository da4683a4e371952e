import { randomUUID } from "node:crypto";
import { EventStoreDBClient, jsonEvent } from "@eventstore/db-client";
import { openConnection } from "../load/connection.ts";
import { percentiles } from "../load/percentiles.ts";
import type { Reader } from "./workload.ts";

const chaptersOfABook = 50;
const chapterId = (no: number) => `chapter${String(no).padStart(5, "0")}`;

/** Publishes 50 chapters of each book of `catalogueBooks`, directly in the event store. */
export async function publishChapters(eventStoreUrl: string, books: readonly string[]): Promise<void> {
  const client = EventStoreDBClient.connectionString(eventStoreUrl);
  const numbers = Array.from({ length: chaptersOfABook }, (_, index) => index + 1);
  const totals = { chapters: chaptersOfABook, words: 2_000 * chaptersOfABook };
  const edition = { edition: 1, digest: "d".repeat(64), totals };
  const chapters = numbers.map((no) => ({
    chapterId: chapterId(no),
    no,
    title: `第${no}章`,
    volume: null,
    kind: "chapter" as const,
    sha256: "a".repeat(64),
    length: 2_100,
    words: 2_000,
  }));
  const append = async (book: string) => {
    const commandId = randomUUID();
    const common = { commandId, commandHash: "bench", correlationId: commandId, causationId: commandId };
    const metadata = { ...common, occurredAt: new Date().toISOString() };
    const published = { ...edition, replaces: 0, chaptersBefore: 0, changed: [{ from: 1, to: chaptersOfABook }] };
    const events = [
      jsonEvent({
        type: "ChaptersPublished",
        data: { ...edition, chapters },
        metadata: { ...metadata, schemaVersion: 1 },
      }),
      jsonEvent({ type: "BookPublished", data: published, metadata: { ...metadata, schemaVersion: 3 } }),
    ];
    await client.appendToStream(`book-${book}`, events, { expectedRevision: 0n });
  };
  for (let from = 0; from < books.length; from += 50) await Promise.all(books.slice(from, from + 50).map(append));
  await client.dispose();
}

/** Reports progress over all connections for a while, with this many entries per command: one by PUT, more by POST. */
export async function driveProgress(options: {
  readonly api: string;
  readonly readers: readonly Reader[];
  readonly books: readonly string[];
  readonly entries: number;
  readonly connections: number;
  readonly forMs: number;
}): Promise<{ readonly rate: number; readonly p50: number; readonly p99: number }> {
  const { api, readers, books, entries, connections, forMs } = options;
  const times: number[] = [];
  const any = (list: readonly string[]) => list[Math.floor(Math.random() * list.length)] ?? "";
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const connection = await openConnection(api);
      // Each connection has readers of its own, so that commands of one reader do not wait for each other.
      for (let sent = index; performance.now() - begun < forMs; sent += connections) {
        const reader = readers[sent % readers.length] as Reader;
        const book = any(books);
        const entry = () => ({
          entryId: randomUUID(),
          chapterId: chapterId(1 + Math.floor(Math.random() * chaptersOfABook)),
          offset: 1_000,
          readAt: new Date().toISOString(),
          activeSeconds: 30,
          deviceId: "phone",
        });
        const list = Array.from({ length: entries }, () => ({ bookId: any(books), ...entry() }));
        const [method, path, body] =
          entries === 1
            ? (["PUT", `/v1/reading/${book}/progress`, entry()] as const)
            : (["POST", "/v1/reading/progress", { entries: list }] as const);
        const headers = { authorization: `Bearer ${reader.token}`, "idempotency-key": randomUUID() };
        const asked = performance.now();
        const answer = await connection.ask(method, path, headers, JSON.stringify(body));
        times.push(performance.now() - asked);
        if (answer.status !== 200) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.body}`);
        if (answer.body.split('"ReadingProgressed"').length !== entries + 1) throw new Error(`too few: ${answer.body}`);
      }
      connection.close();
    }),
  );
  const [p50 = Number.NaN, p99 = Number.NaN] = percentiles(times, 50, 99);
  return { rate: times.length / ((performance.now() - begun) / 1000), p50, p99 };
}
