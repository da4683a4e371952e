import { maxChapters } from "../library-import/limits.ts";
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
import type { RecordPlace } from "./records.ts";
import type { TableName } from "./tables.ts";
import { idIn, type ReportField, type Row, textIn, UnusableRow } from "./values.ts";

/** The place of a row in the files; null if it is in none. */
type Place = { readonly file: string; readonly line: number | null };

/** A skipped row or field, and the reason. */
export type LeftOut = Place & { readonly table: TableName; readonly reason: string };

/** The rows of the course's tables, without texts. */
export type CourseContent = {
  readonly users: readonly CourseUser[];
  readonly books: readonly CourseBook[];
  /** By book, in order. */
  readonly chapters: ReadonlyMap<number, readonly CourseChapter[]>;
  readonly volumes: ReadonlyMap<number, ReadonlyMap<number, string>>;
  readonly shelves: readonly CourseVisit[];
  readonly history: readonly CourseVisit[];
  readonly rates: readonly CourseRate[];
  /** The number of chapters of these books whose text the files lack. */
  readonly withoutText: number;
  /** The number of rows in each table that has a file, including skipped ones. */
  readonly rows: ReadonlyMap<TableName, number>;
  /** Also users whose account is imported, and whose other fields wait for a row that can be read. */
  readonly leftOut: readonly LeftOut[];
  /** Optional fields that cannot be read, of rows that are imported without them. */
  readonly leftOutFields: readonly LeftOut[];
  /** The place of the row with this id. */
  placeOf(table: TableName, id: number): Place;
};

export type CourseRows = {
  /** There is a file of this table, even if it has no rows. */
  begin(table: TableName): void;
  /** Adds a row. Throws UnusableRow if a required value is unusable, or its id or a user's openid was there before. Categories must come before books. */
  take(table: TableName, row: Row, place: RecordPlace & { readonly file: string }): void;
  /** Counts a row that is skipped. */
  leaveOut(row: LeftOut & { readonly line: number }): void;
  placeOfText(bookId: number, chapterId: number): RecordPlace | undefined;
  /** The accepted rows, with the chapters of each book in order. */
  course(): CourseContent;
};

/** Collects the rows of the course's tables. For the options see `readCourse`. */
export function createCourseRows({
  utcOffset,
  coverBase,
}: {
  readonly utcOffset: string;
  readonly coverBase: string | undefined;
}): CourseRows {
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
  const rows = new Map<TableName, number>();
  const leftOut: LeftOut[] = [];
  const leftOutFields: LeftOut[] = [];
  const ids = new Map<TableName, Set<string>>();
  /** The user of each openid. */
  const openids = new Map<string, number>();
  const places = new Map<TableName, Map<number, Place>>();

  const hasNoText = (bookId: number) => (chapter: CourseChapter) => !texts.get(bookId)?.has(chapter.id);
  const count = (table: TableName, more: number) => rows.set(table, (rows.get(table) ?? 0) + more);

  function once(table: TableName, id: number | string): void {
    const known = getOrAdd(ids, table, () => new Set<string>());
    if (known.has(String(id))) throw new UnusableRow(`${id} was there before`);
    known.add(String(id));
  }

  function add(
    table: TableName,
    row: Row,
    { file, ...place }: RecordPlace & { readonly file: string },
    report: ReportField,
  ) {
    const keep = <Kept extends { readonly id: number }>(list: Kept[], one: Kept) => {
      once(table, one.id);
      list.push(one);
      getOrAdd(places, table, () => new Map()).set(one.id, { file, line: place.line });
    };
    switch (table) {
      case "user": {
        const user = userOf(row, utcOffset);
        const known = openids.get(user.openid) ?? user.id;
        if (known !== user.id) throw new UnusableRow(`openId is that of user ${known}, and unique in the course`);
        keep(users, user);
        openids.set(user.openid, user.id);
        if (user.unreadable.length > 0)
          leftOut.push({ table, file, line: place.line, reason: user.unreadable.join("; ") });
        return;
      }
      case "book":
        return keep(books, bookOf(row, categories, coverBase, report));
      case "book_big_category":
      case "book_category":
      case "book_category_relation":
        return addCategory(categories, table, row, report);
      case "book_volume": {
        const ofBook = getOrAdd(volumes, idIn(row, "book_id"), () => new Map());
        ofBook.set(idIn(row, "volume_id"), plainLine(textIn(row, "volume_name"), 200));
        return;
      }
      case "book_chapters": {
        const { bookId, chapter } = chapterOf(row, report);
        once(table, `${bookId}/${chapter.id}`);
        const ofBook = getOrAdd(chapters, bookId, () => []);
        if (ofBook.length >= maxChapters) throw new UnusableRow(`book ${bookId} has more than ${maxChapters} chapters`);
        ofBook.push(chapter);
        return;
      }
      case "book_chapter_content": {
        const [bookId, chapterId] = [idIn(row, "book_id"), idIn(row, "chapter_id")];
        once(table, `${bookId}/${chapterId}`);
        // No text is not an empty text.
        if (typeof row.content === "string") getOrAdd(texts, bookId, () => new Map()).set(chapterId, place);
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

  return {
    begin: (table) => void count(table, 0),
    take(table, row, place) {
      const reasons: string[] = [];
      add(table, row, place, (reason) => void reasons.push(reason));
      const { file, line } = place;
      leftOutFields.push(...reasons.map((reason) => ({ table, file, line, reason: `${reason}; left out` })));
      count(table, 1);
    },
    leaveOut(row) {
      leftOut.push(row);
      count(row.table, 1);
    },
    placeOfText: (bookId, chapterId) => texts.get(bookId)?.get(chapterId),
    course() {
      for (const ofBook of chapters.values()) ofBook.sort((a, b) => a.id - b.id);
      return {
        users,
        books,
        chapters,
        volumes,
        shelves,
        history,
        rates,
        withoutText: books.reduce((sum, { id }) => sum + (chapters.get(id) ?? []).filter(hasNoText(id)).length, 0),
        rows,
        leftOut,
        leftOutFields,
        placeOf: (table, id) => places.get(table)?.get(id) ?? { file: table, line: null },
      };
    },
  };
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
