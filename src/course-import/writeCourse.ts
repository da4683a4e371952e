import { randomUUID } from "node:crypto";
import { chunksOf } from "../platform/chunksOf.ts";
import { importAccount, importChoices } from "./importUser.ts";
import { type ImportVisitsDependencies, importOpened, importRate, importShelved, type Of } from "./importVisits.ts";
import { inParallel } from "./inParallel.ts";
import { createLedger } from "./ledger.ts";
import type { Course } from "./readCourse.ts";
import { type CourseUser, type CourseVisit, inOrder, withDistinctTimes } from "./readers.ts";
import { accountErased, isErasure, reasonOf } from "./reasonOf.ts";
import type { TableName } from "./tables.ts";
import { type CourseSummary, startTally } from "./tally.ts";
import { OutdatedRow, UnusableRow } from "./values.ts";
import { type WriteBookDependencies, writeBook } from "./writeBook.ts";

export type CourseImportDependencies = Omit<WriteBookDependencies & ImportVisitsDependencies, "ledger">;

export type WriteOptions = {
  /** Import a book even if most of its chapters would be replaced, or the files have fewer. */
  readonly replace?: boolean | undefined;
  /** Called with the number of processed rows. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
};

/** Readers imported concurrently; each mostly waits for the event store. */
const together = 16;

/** Rows per lookup of what was imported before. */
const lookedUpTogether = 1_000;

/**
 * Imports what `readCourse` found: books, then accounts, then readers' activities in chronological order, then their
 * preferences. A row that was imported before is not imported again, whatever has happened since; an interrupted import
 * continues where it stopped. A row that is refused is skipped. Rejects as the stores do, and with the signal's reason.
 */
export async function writeCourse(
  course: Course,
  given: CourseImportDependencies,
  { replace = false, onProgress, signal }: WriteOptions = {},
): Promise<CourseSummary> {
  const { books, users, shelves, history, rates } = course;
  const tally = startTally(course);
  const ledger = createLedger(given.pool);
  const deps = { ...given, ledger };
  const correlationId = randomUUID();
  const total = [books, users, users, shelves, history, rates].reduce((sum, { length }) => sum + length, 0);
  let done = 0;
  const step = () => onProgress?.(++done, total);

  /** Imports a row; errors about the row skip it. */
  async function take(table: TableName, id: number, work: () => Promise<boolean>): Promise<void> {
    signal?.throwIfAborted();
    try {
      tally.count(table, (await work()) ? "imported" : "unchanged");
    } catch (error) {
      tally.leaveOut(table, id, reasonOf(table, error));
    }
    step();
  }

  for (const book of books) await take("book", book.id, () => writeBook(deps, course, book, replace));

  const readerIds = await ledger.readerIds();
  const registered = new Set<number>();
  await inParallel(users, together, async (user) => {
    signal?.throwIfAborted();
    if (!readerIds.has(user.id)) {
      const account = await importAccount(deps, user, correlationId).catch((error: unknown) => {
        if (!isErasure(error)) throw error;
      });
      readerIds.set(user.id, account?.readerId ?? null);
      if (account?.isNew) registered.add(user.id);
    }
    step();
  });

  const bookIds = await ledger.bookIds();
  const ofReader = (userId: number) => {
    const readerId = readerIds.get(userId);
    if (readerId === undefined) throw new UnusableRow(`names user ${userId}, which was not imported`);
    if (readerId === null) throw new UnusableRow(accountErased);
    return readerId;
  };
  const of = (userId: number, book: number): Of => {
    const readerId = ofReader(userId);
    const bookId = bookIds.get(book);
    if (bookId === undefined) throw new UnusableRow(`names book ${book}, which was not imported`);
    return { readerId, bookId, correlationId };
  };

  /** Imports rows once, those of each reader in order. */
  async function takeOnce<Row extends { readonly id: number }>(
    table: TableName,
    rows: readonly Row[],
    userOf: (row: Row) => number,
    work: (row: Row) => Promise<boolean>,
  ): Promise<void> {
    const known = new Set<number>();
    for (const some of chunksOf(rows, lookedUpTogether)) {
      const ids = some.map(({ id }) => id);
      for (const id of await ledger.knownRows(table, ids)) known.add(id);
    }
    await inParallel([...groupBy(rows, userOf).values()], together, async (ofUser) => {
      for (const row of ofUser) {
        await take(table, row.id, async () => {
          if (known.has(row.id)) return false;
          const written = await work(row).catch(async (error: unknown) => {
            if (error instanceof OutdatedRow) await ledger.addRow(table, row.id);
            throw error;
          });
          await ledger.addRow(table, row.id);
          return written;
        });
      }
    });
  }
  const visited = ({ userId }: CourseVisit) => userId;
  await takeOnce("book_shelf", inOrder(shelves), visited, async (row) =>
    importShelved(deps, row, of(row.userId, row.bookId)),
  );
  await takeOnce("browse_history", inOrder(history), visited, async (row) =>
    importOpened(deps, row, of(row.userId, row.bookId)),
  );
  const places = withDistinctTimes(rates);
  await takeOnce("read_rate", places, visited, async (row) =>
    importRate(deps, { ...row, table: "read_rate" }, of(row.userId, row.bookId)),
  );

  const rateAt = new Map(
    rates.map(({ userId, bookId, chapterId, rate }) => [`${userId}/${bookId}/${chapterId}`, rate]),
  );
  const lastAt = new Map<number, number>();
  for (const { userId, at } of places) lastAt.set(userId, at);
  await takeOnce(
    "user",
    users,
    ({ id }) => id,
    async (user) => {
      const written = await importChoices(deps, user, ofReader(user.id), correlationId);
      return (await lastReadOf(user)) || written || registered.has(user.id);
    },
  );
  return tally.summary();

  /** The last read place in a row of `user`, later than all others. */
  async function lastReadOf({ id, lastRead, changedAt = 0 }: CourseUser): Promise<boolean> {
    const book = lastRead && bookIds.get(lastRead.bookId);
    // Even if it was removed from shelf and history long ago.
    if (lastRead === undefined || book === undefined || (await ledger.chapter(book, lastRead.chapterId)) === undefined)
      return false;
    const { bookId, chapterId } = lastRead;
    const rate = rateAt.get(`${id}/${bookId}/${chapterId}`) ?? 0;
    const at = Math.max(changedAt, (lastAt.get(id) ?? -1) + 1);
    return importRate(deps, { table: "user", id, chapterId, rate, at }, of(id, bookId));
  }
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => number): ReadonlyMap<number, readonly Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}
