import { createBookExists } from "../../src/commands/library/bookExists.ts";
import { createChapterNumber } from "../../src/commands/library/chapterNumbers.ts";
import type { LibraryEvent, NumberRange } from "../../src/domain/library/events.ts";
import { readingEndpoints } from "../../src/http/reading/endpoints.ts";
import { shelfEndpoints } from "../../src/http/shelf/endpoints.ts";
import { createPool } from "../../src/platform/postgres.ts";
import { newProcess } from "../commands/fixtures.ts";
import { inMemoryEventStore } from "../commands/inMemoryEventStore.ts";
import { recorded as recordedEvent } from "../domain/recorded.ts";
import { json, startApi } from "../http/startApi.ts";
import { logger } from "../projections/fixtures.ts";
import { catalogued, chapter, chaptersPublished, published } from "../projections/libraryEvents.ts";
import { freshDatabase } from "../support/database.ts";
import { foldingLog } from "./foldLog.ts";
import { createReadModelTables } from "./readModelTables.ts";

/** A chapter's id derived from a letter. */
export const chapterId = (name: string) => name.padStart(12, "0");

/**
 * Reading from the readers' view: commands to a log in memory, which is folded into the read models in Postgres before each query,
 * and the endpoints of reading and the shelf.
 */
export async function readingWorld() {
  const database = await freshDatabase();
  const pool = createPool({ url: database.url, max: 4, service: "test", logger });
  const builds = await createReadModelTables(pool);
  const log = inMemoryEventStore();
  const deps = {
    handleCommand: newProcess(log),
    bookExists: createBookExists(log),
    chapterNumber: createChapterNumber(log, { now: () => 0 }),
    eventStore: log,
    capacity: 100,
  };
  const api = await startApi([...readingEndpoints(deps, pool), ...shelfEndpoints(deps, pool)]);
  const editions = new Map<string, string>();
  const fold = foldingLog(pool, builds, log);

  async function ofBook(bookId: string, events: readonly LibraryEvent[]) {
    const stream = `book-${bookId}`;
    const revision = log.eventsOf(stream).length - 1;
    const recorded = events.map((event, index) => {
      const { type, data, metadata } = recordedEvent(event, { stream });
      return { id: `${stream} ${revision + index}`.padEnd(36, "0"), type, data, metadata };
    });
    await log.append(stream, revision < 0 ? "no_stream" : BigInt(revision), recorded);
  }

  return {
    pool,
    log,
    fold,
    /** Publishes the next edition of a book: its chapters by letters, each 120 characters long. */
    async publish(bookId: string, list: string) {
      const before = editions.get(bookId);
      editions.set(bookId, list);
      const edition = log.eventsOf(`book-${bookId}`).filter(({ type }) => type === "BookPublished").length + 1;
      const changed = [...list].flatMap((name, at) => (name === before?.[at] ? [] : [{ name, no: at + 1 }]));
      const ranges: NumberRange[] = changed.map(({ no }) => ({ from: no, to: no }));
      const events: LibraryEvent[] = before === undefined ? [catalogued()] : [];
      if (changed.length > 0) {
        const event = chaptersPublished(
          edition,
          changed.map(({ no }) => no),
        ) as LibraryEvent & { type: "ChaptersPublished" };
        const chapters = changed.map(({ name, no }) => ({
          ...chapter(edition, no),
          chapterId: chapterId(name),
          title: `章${name}`,
        }));
        events.push({ ...event, data: { ...event.data, chapters } });
      }
      await ofBook(bookId, [
        ...events,
        published(edition, list.length, { chaptersBefore: before?.length ?? 0, changed: ranges }),
      ]);
    },
    async send(method: string, path: string, body?: unknown) {
      const response = await api.fetch(path, { method, ...(body === undefined ? {} : json(body)) });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    async get(path: string) {
      await fold();
      const response = await api.fetch(path);
      return { status: response.status, body: (await response.json()) as Record<string, never> };
    },
    async close() {
      await api.close();
      await pool.end();
      await database.drop();
    },
  };
}
