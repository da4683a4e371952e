/** The maximum number of bookmarks of one reader. */
export const maxBookmarks = 5_000;

/** The maximum length of a bookmark's note, in characters (code points). */
export const maxNoteLength = 500;
