import type { Decider } from "../../decider.ts";
import { type Bookmarks, foldBookmarks } from "./bookmarks.ts";
import type { Bookmark, BookmarksEvent } from "./events.ts";
import { maxBookmarks } from "./limits.ts";
import type { BookmarksRefusal } from "./refusals.ts";
import { bookmarksSnapshot } from "./snapshot.ts";

export type BookmarksCommand =
  /** Sets a bookmark, or changes the place and note of an existing one. */
  | { readonly type: "SetBookmark"; readonly bookmark: Bookmark }
  | { readonly type: "DeleteBookmark"; readonly bookId: string; readonly bookmarkId: string };

export const bookmarksDecider: Decider<Bookmarks, BookmarksCommand, BookmarksEvent, BookmarksRefusal> = {
  initialState: new Map(),
  evolve: (bookmarks, event) => foldBookmarks(bookmarks, [event]),
  fold: foldBookmarks,
  snapshot: bookmarksSnapshot,

  decide(command, bookmarks) {
    switch (command.type) {
      case "SetBookmark": {
        const { bookmark } = command;
        const known = bookmarks.get(bookmark.bookmarkId);
        if (known === undefined) {
          if (bookmarks.size < maxBookmarks) return [{ type: "BookmarkSet", data: bookmark }];
          return { refused: "too_many_bookmarks", detail: `A reader has at most ${maxBookmarks}; delete one first.` };
        }
        if (known.bookId !== bookmark.bookId) {
          return { refused: "bookmark_of_another_book", detail: `The bookmark is in the book ${known.bookId}.` };
        }
        return isSame(known, bookmark) ? [] : [{ type: "BookmarkChanged", data: bookmark }];
      }
      case "DeleteBookmark": {
        const { bookId, bookmarkId } = command;
        if (bookmarks.get(bookmarkId)?.bookId !== bookId) return [];
        return [{ type: "BookmarkDeleted", data: { bookmarkId, bookId } }];
      }
    }
  },
};

/** Compares all but the chapter's number, which a new edition may change. */
function isSame(one: Bookmark, other: Bookmark): boolean {
  return one.chapterId === other.chapterId && one.offset === other.offset && one.note === other.note;
}
