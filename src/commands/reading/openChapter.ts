import type { KnownPlace } from "../../domain/reading/progress/decider.ts";
import { progressStream } from "../../domain/reading/progress/stream.ts";
import { type ChapterNumber, requireChapterNumber } from "../library/chapterNumbers.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

export type OpenChapterDependencies = { readonly handleCommand: HandleCommand; readonly chapterNumber: ChapterNumber };

/** A chapter as a device that reports no progress opens it. */
type Opened = {
  readonly readerId: string;
  readonly bookId: string;
  readonly chapterId: string;
  readonly deviceId: string;
  /** A UUID, of the entry that may be recorded. */
  readonly entryId: string;
};

/**
 * Makes the beginning of a chapter the reader's latest place in its book, unless the latest place is in that chapter already; then nothing
 * is written. `known` resolves with the latest place that a read model has, which may be behind the stream. Rejects with BookNotFound,
 * ChapterNotFound or TooManyBooks, or as `known` and HandleCommand do.
 */
export function openChapter(
  { handleCommand, chapterNumber }: OpenChapterDependencies,
  { readerId, ...opened }: Opened,
  known: () => Promise<KnownPlace | undefined>,
  context: CommandContext,
): Promise<CommandResult> {
  const type = "OpenChapter";
  const prepare = async () => {
    const { bookId, chapterId } = opened;
    const chapterNo = await requireChapterNumber(chapterNumber, { readerId, bookId, chapterId });
    const entry = { ...opened, chapterNo, offset: 0, activeSeconds: 0, readAt: context.occurredAt };
    return { type, entry, known: await known() } as const;
  };
  return handleCommand(progressStream, readerId, { name: type, prepare }, context);
}
