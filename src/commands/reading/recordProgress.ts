import type { ProgressEntry } from "../../domain/progress/events.ts";
import { progressStream } from "../../domain/progress/stream.ts";
import { BookNotFound, ChapterNotFound, type MissingField } from "../errors.ts";
import type { ChapterNumber } from "../library/chapterNumbers.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";
import { checkedReadAt } from "./deviceClock.ts";

export type RecordProgressDeps = { readonly handleCommand: HandleCommand; readonly chapterNumber: ChapterNumber };

/** A place in a book as reported by a device. */
export type ReportedEntry = Omit<ProgressEntry, "chapterNo" | "readAtRaw">;

/**
 * Records reading progress in one append; entries whose ids are known are left out. `adjusted` are the ids of the given entries
 * whose `readAt` was too far ahead of the server's clock and was replaced by the server's time. Rejects with BookNotFound or
 * ChapterNotFound (nothing is recorded; `fieldOf` names the field of an entry), or as HandleCommand does.
 */
export async function recordProgress(
  { handleCommand, chapterNumber }: RecordProgressDeps,
  { readerId, entries }: { readonly readerId: string; readonly entries: readonly ReportedEntry[] },
  context: CommandContext,
  fieldOf?: (index: number, field: "bookId" | "chapterId") => string,
): Promise<CommandResult & { readonly adjusted: readonly string[] }> {
  const checked: ProgressEntry[] = [];
  const noBook: MissingField[] = [];
  const noChapter: MissingField[] = [];
  for (const [index, { readAt, ...entry }] of entries.entries()) {
    const number = await chapterNumber(entry.bookId, entry.chapterId);
    if (number === "no such book") {
      noBook.push({ path: fieldOf?.(index, "bookId") ?? "bookId", message: "is of no book of the library" });
    } else if (number === "no such chapter") {
      noChapter.push({ path: fieldOf?.(index, "chapterId") ?? "chapterId", message: "is of no chapter of the book" });
    } else checked.push({ ...entry, chapterNo: number, ...checkedReadAt(readAt, context.occurredAt) });
  }
  if (noBook.length > 0) throw new BookNotFound("There is no such book.", [...noBook, ...noChapter]);
  if (noChapter.length > 0) throw new ChapterNotFound("The book has no such chapter.", noChapter);

  const result = await handleCommand(progressStream, readerId, { type: "RecordProgress", entries: checked }, context);
  const adjusted = checked.filter(({ readAtRaw }) => readAtRaw !== undefined).map(({ entryId }) => entryId);
  return { ...result, adjusted: [...new Set(adjusted)] };
}
