/** What a reader's client keeps. Books, places and history have a book's id as key, groups their own; the others have "". */
export const changedKinds = ["book", "group", "place", "history", "preferences", "settings"] as const;
export type ChangedKind = (typeof changedKinds)[number];
