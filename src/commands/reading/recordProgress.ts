import { isCorrected, type ProgressEntry } from "../../domain/reading/progress/events.ts";
import { progressStream } from "../../domain/reading/progress/stream.ts";
import type { EventStore } from "../../event-store/types.ts";
import { BookNotFound, ChapterNotFound, type MissingField } from "../errors.ts";
import type { ChapterNumber } from "../library/chapterNumbers.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";
import { timesRead } from "./deviceClock.ts";
import { recordedEntries } from "./recordedEntries.ts";

export type RecordProgressDependencies = {
  readonly handleCommand: HandleCommand;
  readonly chapterNumber: ChapterNumber;
  readonly eventStore: Pick<EventStore, "readStream">;
};

/** A place in a book as reported by a device. */
export type ReportedEntry = Omit<ProgressEntry, "chapterNo" | "readAtRaw">;

/**
 * Records reading progress in one append; entries whose ids are known are left out. `adjusted` are the ids of the given entries
 * whose `readAt` was corrected by more than `silentCorrectionMs` when they were recorded, now or before, because the clock of their device
 * was ahead. Rejects with BookNotFound or
 * ChapterNotFound (`fieldOf` names the field of an entry) or TooManyBooks, and nothing is recorded; or as HandleCommand does.
 */
export async function recordProgress(
  { handleCommand, chapterNumber, eventStore }: RecordProgressDependencies,
  { readerId, entries }: { readonly readerId: string; readonly entries: readonly ReportedEntry[] },
  context: CommandContext,
  fieldOf?: (index: number, field: "bookId" | "chapterId") => string,
): Promise<CommandResult & { readonly adjusted: readonly string[] }> {
  const times = timesRead(entries, context.occurredAt);
  const type = "RecordProgress";
  const prepare = async () => {
    const numbers = await numbersOf(chapterNumber, readerId, entries, fieldOf);
    const checked = entries.map((entry, index) => ({ ...entry, chapterNo: numbers[index]!, ...times[index] }));
    return { type, entries: checked } as const;
  };
  const result = await handleCommand(progressStream, readerId, { name: type, prepare }, context);
  const corrected = new Map<string, boolean>();
  for (const [index, { entryId }] of entries.entries()) {
    if (!corrected.has(entryId)) corrected.set(entryId, isCorrected(times[index]!));
  }
  const { outcome, revision, events } = result;
  // Entries that were recorded before have another correction now, because the clock has moved.
  if (revision !== null && !(outcome === "appended" && events.length === corrected.size)) {
    const ids = new Set(corrected.keys());
    const before = await recordedEntries(eventStore, { readerId, ids, revision, written: events.length });
    for (const entry of before) corrected.set(entry.entryId, isCorrected(entry));
  }
  return { ...result, adjusted: [...corrected].filter(([, isAdjusted]) => isAdjusted).map(([entryId]) => entryId) };
}

/** The numbers of the entries' chapters. Rejects as `recordProgress` does for a place that is not in the library. */
async function numbersOf(
  chapterNumber: ChapterNumber,
  readerId: string,
  entries: readonly ReportedEntry[],
  fieldOf?: (index: number, field: "bookId" | "chapterId") => string,
): Promise<readonly number[]> {
  const numbers: number[] = [];
  const noBook: MissingField[] = [];
  const noChapter: MissingField[] = [];
  for (const [index, { bookId, chapterId }] of entries.entries()) {
    const number = await chapterNumber({ readerId, bookId, chapterId });
    if (number === "no such book") {
      noBook.push({ path: fieldOf?.(index, "bookId") ?? "bookId", message: "is of no book of the library" });
    } else if (number === "no such chapter") {
      noChapter.push({ path: fieldOf?.(index, "chapterId") ?? "chapterId", message: "is of no chapter of the book" });
    } else numbers.push(number);
  }
  if (noBook.length > 0) throw new BookNotFound("There is no such book.", [...noBook, ...noChapter]);
  if (noChapter.length > 0) throw new ChapterNotFound("The book has no such chapter.", noChapter);
  return numbers;
}
