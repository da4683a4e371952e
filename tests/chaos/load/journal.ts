import type { ReaderCommand } from "./readerCommand.ts";

/** A command with a final answer: its content and times. */
export type Asked = ReaderCommand & {
  readonly commandId: string;
  readonly readerId: string;
  /** When each attempt was sent, the last one being the answered one; ISO times. */
  readonly sentAt: readonly string[];
  readonly answeredAt: string;
};

/** An acknowledged command with the result that the reader received. */
export type Acknowledged = Asked & {
  readonly events: readonly string[];
  readonly position: string | null;
};

/** A command that was refused, with the code of the problem. */
export type Refused = Asked & { readonly code: string };

/** The successive answers to a reader. */
export type Shown = {
  readonly readerId: string;
  readonly view: View;
  /** The position that the query's token named, of an answer that calls itself current; else null. */
  readonly current: bigint | null;
  /** As comparable text: `shelfAsShown`, `historyAsShown`, `placeAsShown`. */
  readonly text: string;
};

/** The views that are queried: the shelf, the history, or the latest place in a book. */
export type View = "shelf" | "history" | `place ${string}`;

/** The category of the stream that a view shows. */
export const categoryOf = (view: View) => (view === "shelf" || view === "history" ? view : "progress");

/** The answers to clients in a run. */
export type Journal = {
  readonly acknowledged: Acknowledged[];
  readonly refused: Refused[];
  readonly shown: Shown[];
  /** When each book found by a search was last changed, as shown; by the kind of search and the book. */
  readonly found: Map<string, string>;
  /** Answers that no reader should receive: neither a success nor a temporary failure. */
  readonly surprises: string[];
  readonly counts: {
    /** The number of commands due by the rate, and of those not sent because every reader waited for an answer. */
    offered: number;
    shed: number;
    repeats: number;
    current: number;
    stale: number;
    logins: number;
    erasures: number;
    syncs: number;
    /** Searches that were answered, and those for which the search engine was unavailable. */
    searches: number;
    searchesAway: number;
  };
};

export function emptyJournal(): Journal {
  const counts = {
    offered: 0,
    shed: 0,
    repeats: 0,
    current: 0,
    stale: 0,
    logins: 0,
    erasures: 0,
    syncs: 0,
    searches: 0,
    searchesAway: 0,
  };
  return { acknowledged: [], refused: [], shown: [], found: new Map(), surprises: [], counts };
}

/** A book of a shelf, as the API shows it. */
export type ShownBook = {
  readonly bookId: string;
  readonly addedAt: string;
  readonly pinned: boolean;
  readonly group: { readonly id: string; readonly name: string } | null;
};

/** A history as comparable text, the newest book first. */
export function historyAsShown(books: readonly { readonly bookId: string; readonly openedAt: string }[]): string {
  return JSON.stringify(books.map(({ bookId, openedAt }) => [bookId, new Date(openedAt).toISOString()]));
}

/** The latest place in a book as comparable text: the time and the device identify the entry. */
export function placeAsShown(place: { readonly readAt: string; readonly deviceId: string } | null): string {
  return JSON.stringify(place && [new Date(place.readAt).toISOString(), place.deviceId]);
}

/** A shelf as comparable text: the books in their order, with all their fields. */
export function shelfAsShown(books: readonly ShownBook[]): string {
  return JSON.stringify(
    books.map(({ bookId, addedAt, pinned, group }) => [bookId, addedAt, pinned, group && [group.id, group.name]]),
  );
}
