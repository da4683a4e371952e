import { z } from "zod";
import type { StateCodec } from "../../decider.ts";
import type { Bookmarks } from "./bookmarks.ts";
import { bookmarksEvents } from "./events.ts";

const stored = z.array(bookmarksEvents.BookmarkSet.schema);

/** A reader's bookmarks as JSON. Raise the version whenever the state, or how events are folded into it, changes. */
export const bookmarksSnapshot: StateCodec<Bookmarks> = {
  version: 1,
  encode: (bookmarks): z.input<typeof stored> => [...bookmarks.values()],
  decode: (json) => new Map(stored.parse(json).map((bookmark) => [bookmark.bookmarkId, bookmark])),
};
