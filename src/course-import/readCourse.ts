import { namingFile, openBookFile } from "../library-import/bookFile.ts";
import { UnusableBookFile } from "../library-import/parsedBook.ts";
import { type CourseContent, type CourseRows, createCourseRows } from "./courseRows.ts";
import { createRowReader, readTable, type TableFile } from "./readTable.ts";
import { tableNames, tableOf } from "./tables.ts";
import { textIn, UnusableRow } from "./values.ts";

/** The content of the files, except the texts, which are read on demand. */
export type Course = CourseContent & {
  /** Undefined if the files have no text of the chapter. */
  textOf(bookId: number, chapterId: number): Promise<string | undefined>;
  close(): Promise<void>;
};

export type ReadCourseOptions = {
  /** The UTC offset of times without one: `+08:00`. */
  readonly utcOffset: string;
  /** The base URL of covers that are file names. */
  readonly coverBase: string | undefined;
  /** Called with the number of bytes read. */
  readonly onRead?: (done: number, total: number) => void;
};

/**
 * Reads the course's tables from files named after them, in any order. Unusable rows are skipped and reported. Throws
 * UnusableBookFile, with the path in its message, for a file that is not a table, lacks a column or cannot be read.
 */
export async function readCourse(paths: readonly string[], options: ReadCourseOptions): Promise<Course> {
  const files = await openTables(paths);
  try {
    const rows = createCourseRows(options);
    const total = files.reduce((sum, { size }) => sum + size, 0);
    let before = 0;
    // Categories are read before books, whatever the order of the files.
    for (const table of tableNames) {
      for (const source of files.filter((one) => one.table === table)) {
        const onRead = (bytes: number) => options.onRead?.(before + bytes, total);
        await namingFile(source.path, () => readRows(source, rows, onRead));
        before += source.size;
      }
    }
    const content = files.find(({ table }) => table === "book_chapter_content");
    const rowAt = content && (await createRowReader(content));
    return {
      ...rows.course(),
      async textOf(bookId, chapterId) {
        const place = rows.placeOfText(bookId, chapterId);
        return place === undefined || rowAt === undefined ? undefined : textIn(await rowAt(place), "content");
      },
      close: () => closeAll(files),
    };
  } catch (error) {
    await closeAll(files);
    throw error;
  }
}

/** Reads one table. `onRead` is called with the number of bytes read of it. */
async function readRows(source: TableFile, rows: CourseRows, onRead: (bytes: number) => void): Promise<void> {
  const { table, path } = source;
  rows.begin(table);
  const onBad = (line: number, reason: string) => rows.leaveOut({ table, file: path, line, reason });
  for await (const { place, row } of readTable(source, { onBad, onRead })) {
    try {
      rows.take(table, row, { ...place, file: path });
    } catch (error) {
      if (!(error instanceof UnusableRow)) throw error;
      onBad(place.line, error.message);
    }
  }
}

async function openTables(paths: readonly string[]): Promise<readonly TableFile[]> {
  const files: TableFile[] = [];
  try {
    for (const path of paths) {
      await namingFile(path, async () => {
        const table = tableOf(path);
        if (table === undefined) {
          throw new UnusableBookFile(
            `is no table of the course: name it TABLE.csv or TABLE.jsonl, of ${tableNames.join(", ")}`,
          );
        }
        if (files.some((one) => one.table === table)) throw new UnusableBookFile(`is a second file of ${table}`);
        files.push({ table, path, ...(await openBookFile(path)) });
      });
    }
    return files;
  } catch (error) {
    await closeAll(files);
    throw error;
  }
}

async function closeAll(files: readonly TableFile[]): Promise<void> {
  await Promise.all(files.map(({ file }) => file.close()));
}
