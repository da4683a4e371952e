import { createBookExists } from "../../src/commands/library/bookExists.ts";
import { createChapterNumber } from "../../src/commands/library/chapterNumbers.ts";
import { readCourse } from "../../src/course-import/readCourse.ts";
import { writeCourse } from "../../src/course-import/writeCourse.ts";
import { bookIdOf } from "../../src/library-import/ids.ts";
import { importDependencies } from "../../src/main/importDependencies.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { createPool } from "../../src/platform/postgres.ts";
import { newProcess } from "../commands/fixtures.ts";
import { inMemoryEventStore } from "../commands/inMemoryEventStore.ts";
import { freshDatabase } from "../support/database.ts";
import { type TableRows, writeTables } from "./tables.ts";

type ImportSettings = {
  format?: "csv" | "jsonl";
  capacity?: number;
  coverBase?: string | undefined;
  replace?: boolean;
};

const logger = createLogger("test", "silent");

/** Our id of a book of the course. */
export const ourBook = (id: number) => bookIdOf({ name: "course", id: String(id) });

/** A database and a log into which a course is imported; each run simulates a new process. */
export async function startWorld() {
  const database = await freshDatabase();
  await migrate(database.url, logger);
  const pool = createPool({ url: database.url, max: 4, service: "test", logger });
  let store = inMemoryEventStore();
  return {
    pool,
    get store() {
      return store;
    },
    /** The events of a stream, only type and data. */
    eventsOf: (stream: string) => store.eventsOf(stream).map(({ type, data }) => ({ type, data })),
    async empty() {
      store = inMemoryEventStore();
      await pool.query("TRUNCATE accounts CASCADE; TRUNCATE course_books, course_chapters, course_users, course_rows");
    },
    /** Imports tables, and resolves with the outcome. */
    async import(
      tables: TableRows,
      { format = "csv", capacity = 100, coverBase = "http://img.example/covers", replace = false }: ImportSettings = {},
    ) {
      const { paths, remove } = await writeTables(tables, format);
      const handleCommand = newProcess(store);
      const course = await readCourse(paths, { utcOffset: "+08:00", coverBase });
      try {
        const deps = {
          ...importDependencies(pool, handleCommand, store),
          pool,
          capacity,
          bookExists: createBookExists(store),
          eventStore: store,
          chapterNumber: createChapterNumber(store),
        };
        return await writeCourse(course, deps, { replace });
      } finally {
        await course.close();
        await remove();
      }
    },
    async close() {
      await pool.end();
      await database.drop();
    },
  };
}
