import { namingFile, openBookFile } from "../library-import/bookFile.ts";
import { maxChapters } from "../library-import/limits.ts";
import { UnusableBookFile } from "../library-import/parsedBook.ts";
import { plainLine } from "../library-import/plainText.ts";
import {
  addCategory,
  bookOf,
  type CourseBook,
  type CourseChapter,
  chapterOf,
  noCategories,
  type TextPlaces,
} from "./books.ts";
import { type CourseRate, type CourseUser, type CourseVisit, rateOf, userOf, visitOf } from "./readers.ts";
import { createRowReader, readTable, type TableFile } from "./readTable.ts";
import { type TableName, tableNames, tableOf } from "./tables.ts";
import { idIn, type Row, textIn, UnusableRow } from "./values.ts";

/** The place of a row in the files; null if it is in none. */
type Place = { readonly file: string; readonly line: number | null };

/** A skipped row, and the reason. */
export type LeftOut = Place & { readonly table: TableName; readonly reason: string };

/** The content of the files, except the texts, which are read on demand. */
export type Course = {
  readonly users: readonly CourseUser[];
  readonly books: readonly CourseBook[];
  /** By book, in order. */
  readonly chapters: ReadonlyMap<number, readonly CourseChapter[]>;
  readonly volumes: ReadonlyMap<number, ReadonlyMap<number, string>>;
  readonly shelves: readonly CourseVisit[];
  readonly history: readonly CourseVisit[];
  readonly rates: readonly CourseRate[];
  /** The number of rows in each table that has a file, including skipped ones. */
  readonly rows: ReadonlyMap<TableName, number>;
  readonly leftOut: readonly LeftOut[];
  /** The place of the row with this id. */
  placeOf(table: TableName, id: number): Place;
  textOf(bookId: number, chapterId: number): Promise<string>;
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
  const { utcOffset, coverBase } = options;
  const files = await openTables(paths);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const leftOut: LeftOut[] = [];
  const rows = new Map<TableName, number>();
  const lines = new Map<TableName, Map<number, Place>>();
  const [users, books, shelves, history, rates] = [[], [], [], [], []] as [
    CourseUser[],
    CourseBook[],
    CourseVisit[],
    CourseVisit[],
    CourseRate[],
  ];
  const chapters = new Map<number, CourseChapter[]>();
  const volumes = new Map<number, Map<number, string>>();
  const texts: TextPlaces = new Map();
  const categories = noCategories();
  const ids = new Map<TableName, Set<string>>();

  /** Reads one table; `take` throws UnusableRow. `idOf` must be unique. */
  async function read(source: TableFile, before: number): Promise<void> {
    const { table, path } = source;
    let count = 0;
    const onBad = (line: number, reason: string) => {
      count += 1;
      leftOut.push({ table, file: path, line, reason });
    };
    const onRead = (bytes: number) => options.onRead?.(before + bytes, total);
    for await (const { place, row } of readTable(source, { onBad, onRead })) {
      try {
        takeRow(table, row, place, path);
        count += 1;
      } catch (error) {
        if (!(error instanceof UnusableRow)) throw error;
        onBad(place.line, error.message);
      }
    }
    rows.set(table, (rows.get(table) ?? 0) + count);
  }

  function takeRow(table: TableName, row: Row, place: { line: number; offset: number; length: number }, path: string) {
    const once = (id: number | string) => {
      const known = ids.get(table) ?? new Set();
      ids.set(table, known);
      if (known.has(String(id))) throw new UnusableRow(`${id} was there before`);
      known.add(String(id));
    };
    const keep = <Kept extends { readonly id: number }>(list: Kept[], one: Kept) => {
      once(one.id);
      list.push(one);
      const of = lines.get(table) ?? new Map<number, Place>();
      lines.set(table, of);
      of.set(one.id, { file: path, line: place.line });
    };
    switch (table) {
      case "user":
        return keep(users, userOf(row, utcOffset));
      case "book":
        return keep(books, bookOf(row, categories, coverBase));
      case "book_big_category":
      case "book_category":
      case "book_category_relation":
        return addCategory(categories, table, row);
      case "book_volume": {
        const of = volumes.get(idIn(row, "book_id")) ?? new Map<number, string>();
        volumes.set(idIn(row, "book_id"), of);
        of.set(idIn(row, "volume_id"), plainLine(textIn(row, "volume_name"), 200));
        return;
      }
      case "book_chapters": {
        const { bookId, chapter } = chapterOf(row);
        once(`${bookId}/${chapter.id}`);
        const of = chapters.get(bookId) ?? [];
        chapters.set(bookId, of);
        if (of.length >= maxChapters) throw new UnusableRow(`book ${bookId} has more than ${maxChapters} chapters`);
        of.push(chapter);
        return;
      }
      case "book_chapter_content": {
        const [bookId, chapterId] = [idIn(row, "book_id"), idIn(row, "chapter_id")];
        once(`${bookId}/${chapterId}`);
        const of = texts.get(bookId) ?? new Map();
        texts.set(bookId, of);
        of.set(chapterId, place);
        return;
      }
      case "book_shelf":
        return keep(shelves, visitOf(row, utcOffset, ["created", "updated"]));
      case "browse_history":
        return keep(history, visitOf(row, utcOffset, ["updated", "created"]));
      case "read_rate":
        return keep(rates, rateOf(row, utcOffset));
      case "search_key_word":
        return;
    }
  }

  try {
    let before = 0;
    // Categories are read before books, whatever the order of the files.
    for (const table of tableNames) {
      for (const source of files.filter((one) => one.table === table)) {
        await namingFile(source.path, () => read(source, before));
        before += source.size;
      }
    }
    for (const of of chapters.values()) of.sort((a, b) => a.id - b.id);
    const content = files.find(({ table }) => table === "book_chapter_content");
    const rowAt = content && (await createRowReader(content));
    return {
      ...{ users, books, chapters, volumes, shelves, history, rates, rows, leftOut },
      placeOf: (table, id) => lines.get(table)?.get(id) ?? { file: table, line: null },
      async textOf(bookId, chapterId) {
        const place = texts.get(bookId)?.get(chapterId);
        return place === undefined || rowAt === undefined ? "" : textIn(await rowAt(place), "content");
      },
      close: () => closeAll(files),
    };
  } catch (error) {
    await closeAll(files);
    throw error;
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
