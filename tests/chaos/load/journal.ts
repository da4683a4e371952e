export type Action = "shelve" | "unshelve" | "arrange";

/** A command that was acknowledged: what the reader was told it did. */
export type Acknowledged = {
  readonly commandId: string;
  readonly readerId: string;
  readonly bookId: string;
  readonly action: Action;
  readonly events: readonly string[];
  readonly position: string | null;
  /** When each try was sent, and the answer came: for whoever looks into a difference. */
  readonly sentAt: readonly string[];
  readonly answeredAt: string;
};

/** What a reader was shown of the shelf, one after the other. */
export type Shown = {
  readonly readerId: string;
  /** The position that the query's token named, of an answer that calls itself current; else null. */
  readonly current: bigint | null;
  /** The books in their order, with all that the shelf says of them (`shelfAsShown`). */
  readonly shelf: string;
};

/** What clients saw in a run. */
export type Journal = {
  readonly acknowledged: Acknowledged[];
  readonly shown: Shown[];
  /** What no reader should ever see: an answer that is neither a success nor a passing failure. */
  readonly surprises: string[];
  readonly counts: {
    /** What the rate asked for, and what was not sent because every reader waited for an answer. */
    offered: number;
    shed: number;
    refused: number;
    repeats: number;
    current: number;
    stale: number;
    logins: number;
  };
};

export function emptyJournal(): Journal {
  const counts = { offered: 0, shed: 0, refused: 0, repeats: 0, current: 0, stale: 0, logins: 0 };
  return { acknowledged: [], shown: [], surprises: [], counts };
}

/** A book of a shelf, as the API shows it. */
export type ShownBook = {
  readonly bookId: string;
  readonly addedAt: string;
  readonly pinned: boolean;
  readonly group: { readonly id: string; readonly name: string } | null;
};

/** A shelf as text that compares. */
export function shelfAsShown(books: readonly ShownBook[]): string {
  return JSON.stringify(
    books.map(({ bookId, addedAt, pinned, group }) => [bookId, addedAt, pinned, group && [group.id, group.name]]),
  );
}
