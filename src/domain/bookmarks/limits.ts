/** The most bookmarks of one reader. */
export const maxBookmarks = 5_000;

/** Characters (code points) of a bookmark's note. */
export const maxNoteLength = 500;
