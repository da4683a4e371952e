import { CommandRefused } from "../commands/errors.ts";
import { historyUsedAfter } from "../commands/history/historyUsedAfter.ts";
import { type OpenBookDependencies, openBook } from "../commands/history/openBook.ts";
import { type RecordProgressDependencies, recordProgress } from "../commands/reading/recordProgress.ts";
import { type AddBookToShelfDependencies, addBookToShelf } from "../commands/shelf/addBookToShelf.ts";
import { idOfRow, rowContext, wrote } from "./context.ts";
import type { Ledger } from "./ledger.ts";
import type { CourseRate, CourseVisit } from "./readers.ts";
import { OutdatedRow, UnusableRow } from "./values.ts";

export type ImportVisitsDependencies = AddBookToShelfDependencies &
  OpenBookDependencies &
  RecordProgressDependencies & { readonly ledger: Ledger };

/** The device id for readers of the course: its front ends do not report devices. */
const courseDevice = "course";

/** The reader and book of a row, and the import run. */
export type Of = { readonly readerId: string; readonly bookId: string; readonly correlationId: string };

/** Adds a book to the shelf; resolves with whether it was written. Rejects with UnusableRow if the shelf is full. */
export async function importShelved(deps: ImportVisitsDependencies, { id, at }: CourseVisit, of: Of): Promise<boolean> {
  const { readerId, bookId, correlationId } = of;
  const row = { table: "book_shelf", id, what: "add" } as const;
  const context = rowContext(row, { bookId }, { correlationId, at: past(at) });
  return wrote(addBookToShelf(deps, { readerId, bookId }, context)).catch((error: unknown) => {
    if (error instanceof CommandRefused) throw new UnusableRow(error.message);
    throw error;
  });
}

/**
 * Adds a book to the history with the time of its last visit, 1970 if that is missing; resolves with whether it was written. Rejects
 * with OutdatedRow if it was not because the history has something later.
 */
export async function importOpened(deps: ImportVisitsDependencies, { id, at }: CourseVisit, of: Of): Promise<boolean> {
  const { readerId, bookId, correlationId } = of;
  const row = { table: "browse_history", id, what: "open" } as const;
  const context = rowContext(row, { bookId }, { correlationId, at: past(at, 0) });
  if (await wrote(openBook(deps, { readerId, bookId, isPast: true }, context))) return true;
  if (await historyUsedAfter(deps.eventStore, { readerId, at: context.occurredAt }))
    throw new OutdatedRow("is not later than what the reader's history has");
  return false;
}

/** A place in a book: from `read_rate`, or the last read book in a row of `user`. */
type Rated = Pick<CourseRate, "id" | "at" | "chapterId" | "rate"> & { readonly table: "read_rate" | "user" };

/** The id of the entry that records a row's place. */
export const placeEntryId = (table: Rated["table"], id: number) => idOfRow(table, id, "entry");

/** Records a place, `rate` percent into its chapter. Rejects with UnusableRow if the book has no such chapter. */
export async function importRate(deps: ImportVisitsDependencies, rated: Rated, of: Of): Promise<boolean> {
  const { readerId, bookId, correlationId } = of;
  const { table, id, chapterId: courseId, rate } = rated;
  const chapter = await deps.ledger.chapter(bookId, courseId);
  if (chapter === undefined) throw new UnusableRow(`names chapter ${courseId}, which its book does not have`);
  const entry = {
    entryId: placeEntryId(table, id),
    bookId,
    chapterId: chapter.chapterId,
    deviceId: courseDevice,
    activeSeconds: 0,
    offset: Math.round((chapter.length * rate) / 100),
    readAt: new Date(past(rated.at, 0)).toISOString(),
  };
  const context = rowContext({ table, id, what: "progress" }, entry, { correlationId, at: Date.now() });
  return wrote(recordProgress(deps, { readerId, entries: [entry] }, context));
}

/** A missing time becomes `otherwise`; a future time becomes the current one. */
function past(at: number | undefined, otherwise = Date.now()): number {
  return Math.min(at ?? otherwise, Date.now());
}
