import type { Bookmark } from "../../domain/reading/bookmarks/events.ts";
import { bookmarksStream } from "../../domain/reading/bookmarks/stream.ts";
import { BookNotFound, ChapterNotFound } from "../errors.ts";
import type { ChapterNumber } from "../library/chapterNumbers.ts";
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
    const chapterNo = await chapterNumber({ readerId, bookId: place.bookId, chapterId: place.chapterId });
    if (chapterNo === "no such book") throw new BookNotFound(`There is no book ${place.bookId}.`);
    if (chapterNo === "no such chapter") throw new ChapterNotFound(`Book ${place.bookId} has no such chapter.`);
    return { type, bookmark: { ...place, chapterNo } } as const;
  };
  return handleCommand(bookmarksStream, readerId, { name: type, prepare }, context);
}
