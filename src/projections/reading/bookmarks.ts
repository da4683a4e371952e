import type { Bookmark } from "../../domain/reading/bookmarks/events.ts";
import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";

/** Each reader's bookmarks, with their notes. */
export const bookmarks = defineReadModel({
  name: "bookmarks",
  version: 1,
  partitionKey: "reader",
  categories: ["bookmarks"],
  tables: {
    bookmarks: {
      columns: {
        reader_id: "text",
        bookmark_id: "text",
        book_id: "text",
        chapter_id: "text",
        chapter_no: "int4",
        chapter_offset: "int4",
        note: "text",
        set_at: "timestamptz",
        changed_at: "timestamptz",
      },
      primaryKey: ["reader_id", "bookmark_id"],
      indexes: ["(reader_id, book_id)"],
    },
  },
  on: {
    BookmarkSet: {
      keys: (event) => ({ bookmarks: [bookmarkKey(event)] }),
      project: (_, event) => ({
        bookmarks: [
          { ...bookmarkKey(event), ...contentOf(event.data), set_at: event.created, changed_at: event.created },
        ],
      }),
    },
    BookmarkChanged: {
      keys: (event) => ({ bookmarks: [bookmarkKey(event)] }),
      project: ({ bookmarks: [bookmark] }, event) => ({
        bookmarks: [bookmark && { ...bookmark, ...contentOf(event.data), changed_at: event.created }],
      }),
    },
    BookmarkDeleted: {
      keys: (event) => ({ bookmarks: [bookmarkKey(event)] }),
      project: () => ({ bookmarks: [null] }),
    },
  },
});

function bookmarkKey({ stream, data }: { readonly stream: string; readonly data: { bookmarkId: string } }) {
  return { reader_id: idOf(stream), bookmark_id: data.bookmarkId };
}

function contentOf({ bookId, chapterId, chapterNo, offset, note }: Bookmark) {
  return { book_id: bookId, chapter_id: chapterId, chapter_no: chapterNo, chapter_offset: offset, note };
}
