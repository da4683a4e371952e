/**
 * The kinds of data that a client keeps offline. The key of a book, place or history entry is the book id; of a group its id;
 * of the others "".
 */
export const changedKinds = ["book", "group", "place", "history", "preferences", "settings"] as const;
export type ChangedKind = (typeof changedKinds)[number];
