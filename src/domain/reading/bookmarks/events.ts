import { z } from "zod";
import { text } from "../../bounded.ts";
import type { EventDefinitions, EventOf } from "../../event.ts";
import { bookId, chapterId } from "../../ids.ts";
import { maxChapters } from "../../library/limits.ts";
import { maxOffset } from "../progress/limits.ts";
import { maxNoteLength } from "./limits.ts";

const bookmark = z.strictObject({
  /** A UUID chosen by the client. */
  bookmarkId: z.uuid(),
  bookId,
  chapterId,
  /** The chapter's number when the bookmark was set; if an edition had removed the chapter by then, its last number. */
  chapterNo: z.int().positive().max(maxChapters),
  /** UTF-16 units from the beginning of the chapter's text. */
  offset: z.int().nonnegative().max(maxOffset),
  /** Empty if there is no note. */
  note: text(maxNoteLength),
});

/** Events of a reader's bookmarks (`bookmarks-<readerId>`). */
export const bookmarksEvents = {
  BookmarkSet: { version: 1, schema: bookmark },
  /** The new place and note; the book stays the same. */
  BookmarkChanged: { version: 1, schema: bookmark },
  BookmarkDeleted: { version: 1, schema: bookmark.pick({ bookmarkId: true, bookId: true }) },
} as const satisfies EventDefinitions;

export type BookmarksEvent = EventOf<typeof bookmarksEvents>;
/** A place in a book that a reader marked, with a note. */
export type Bookmark = Readonly<z.output<typeof bookmark>>;
