import { randomUUID } from "node:crypto";
import { findReaders } from "./courseReaders.ts";
import { importChoices } from "./importUser.ts";
import { type ImportVisitsDependencies, importOpened, importRate, importShelved, type Of } from "./importVisits.ts";
import { inParallel } from "./inParallel.ts";
import { importLastPlace, lastPlaces } from "./lastPlaces.ts";
import { createLedger } from "./ledger.ts";
import type { Course } from "./readCourse.ts";
import { inOrder, withDistinctTimes } from "./readers.ts";
import { takingRows, together } from "./takeRows.ts";
import { type CourseSummary, startTally } from "./tally.ts";
import { UnusableRow } from "./values.ts";
import { type WriteBookDependencies, writeBook } from "./writeBook.ts";

export type CourseImportDependencies = Omit<WriteBookDependencies & ImportVisitsDependencies, "ledger">;

export type WriteOptions = {
  /** Import a book even if most of its chapters would be replaced, or the files have fewer. */
  readonly replace?: boolean | undefined;
  /** Called with the number of processed rows. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
};

/**
 * Imports what `readCourse` found: books, then accounts, then readers' activities in chronological order, then their
 * preferences and last places. A row that was imported before is not imported again, whatever has happened since; an interrupted
 * import continues where it stopped. A row that is refused is skipped; of a user whose row has an unreadable field only the account and
 * the activities are imported. Rejects before anything is written if the files are of another
 * database (`findReaders`), as the stores do, and with the signal's reason.
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
  const readers = await findReaders(deps, users, correlationId);
  const readable = users.filter(({ unreadable }) => unreadable.length === 0);
  const total = [books, users, readable, shelves, history, rates].reduce((sum, { length }) => sum + length, 0);
  let done = 0;
  const onTaken = () => onProgress?.(++done, total);
  const rows = takingRows({ ledger, tally, requireUser: readers.requireSame, onTaken, signal });

  for (const book of books) await rows.take("book", book.id, () => writeBook(deps, course, book, replace));

  await inParallel(users, together, async (user) => {
    signal?.throwIfAborted();
    await readers.register(user);
    onTaken();
  });

  const bookIds = await ledger.bookIds();
  const of = (userId: number, book: number): Of => {
    const readerId = readers.idOf(userId);
    const bookId = bookIds.get(book);
    if (bookId === undefined) throw new UnusableRow(`names book ${book}, which was not imported`);
    return { readerId, bookId, correlationId };
  };

  await rows.takeOnce("book_shelf", inOrder(shelves), async (row) =>
    importShelved(deps, row, of(row.userId, row.bookId)),
  );
  await rows.takeOnce("browse_history", inOrder(history), async (row) =>
    importOpened(deps, row, of(row.userId, row.bookId)),
  );
  const places = withDistinctTimes(rates);
  await rows.takeOnce("read_rate", places, async (row) =>
    importRate(deps, { ...row, table: "read_rate" }, of(row.userId, row.bookId)),
  );

  const lastPlaceOf = lastPlaces(places);
  const placed = await rows.knownOf("user.last_read", readable);
  const idOf = ({ id }: { readonly id: number }) => id;
  await rows.takeByUser("user", readable, idOf, async (user, isKnown) => {
    const { id } = user;
    const choose = async () => importChoices(deps, user, readers.idOf(id), correlationId);
    const hasChosen = await rows.once("user", id, isKnown, choose);
    const place = readers.isErased(id) ? undefined : lastPlaceOf(user);
    const hasMoved =
      place !== undefined &&
      (await rows.once("user.last_read", id, placed.has(id), () => importLastPlace(deps, place, of, isKnown)));
    return hasChosen || hasMoved || readers.isNew(id);
  });
  return tally.summary();
}
