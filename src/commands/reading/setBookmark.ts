import type { Bookmark } from "../../domain/reading/bookmarks/events.ts";
import { bookmarksStream } from "../../domain/reading/bookmarks/stream.ts";
import { type ChapterNumber, requireChapterNumber } from "../library/chapterNumbers.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

export type SetBookmarkDependencies = { readonly handleCommand: HandleCommand; readonly chapterNumber: ChapterNumber };

/**
 * Sets a bookmark of a reader, or changes it. Rejects with BookNotFound, ChapterNotFound, TooManyBooks, CommandRefused
 * (`too_many_bookmarks`, `bookmark_of_another_book`) or as HandleCommand does.
 */
export async function setBookmark(
  { handleCommand, chapterNumber }: SetBookmarkDependencies,
  { readerId, ...place }: Omit<Bookmark, "chapterNo"> & { readonly readerId: string },
  context: CommandContext,
): Promise<CommandResult> {
  const type = "SetBookmark";
  const prepare = async () => {
    const { bookId, chapterId } = place;
    const chapterNo = await requireChapterNumber(chapterNumber, { readerId, bookId, chapterId });
    return { type, bookmark: { ...place, chapterNo } } as const;
  };
  return handleCommand(bookmarksStream, readerId, { name: type, prepare }, context);
}
