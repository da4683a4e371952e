import type { Bookmark, BookmarksEvent } from "./events.ts";

/** A reader's bookmarks by id. */
export type Bookmarks = ReadonlyMap<string, Bookmark>;

/** Copies the map once rather than once per event, which for many bookmarks is most of the time. */
export function foldBookmarks(bookmarks: Bookmarks, events: readonly BookmarksEvent[]): Bookmarks {
  const folded = new Map(bookmarks);
  for (const { type, data } of events) {
    if (type === "BookmarkDeleted") folded.delete(data.bookmarkId);
    else folded.set(data.bookmarkId, data);
  }
  return folded;
}
