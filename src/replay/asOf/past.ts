import type { Preferences, Settings } from "../../domain/preferences/events.ts";

/** A book as it stood on the shelf. `addedAt` is of the store's clock. */
export type PastBook = {
  readonly bookId: string;
  readonly addedAt: string;
  readonly pinned: boolean;
  readonly groupId: string | null;
};

/** The place of a reader in a book: the latest by `readAt` (the device's clock), of all devices. */
export type PastPlace = {
  readonly bookId: string;
  readonly chapterId: string;
  readonly chapterNo: number;
  /** UTF-16 units from the chapter's beginning. */
  readonly offset: number;
  readonly deviceId: string;
  readonly readAt: string;
};

/** The state of a reader at a time. Times are ISO 8601, UTC. */
export type Past = {
  readonly readerId: string;
  readonly asOf: string;
  /** When the store recorded the first event of the reader. */
  readonly since: string;
  readonly shelf: {
    /** In the manual order. */
    readonly books: readonly PastBook[];
    /** In their order. */
    readonly groups: readonly { readonly groupId: string; readonly name: string }[];
  };
  /** The latest place in each book, the latest first. */
  readonly places: readonly PastPlace[];
  /** `changedAt` is null for the defaults of who had never changed them. */
  readonly preferences: Preferences & { readonly changedAt: string | null };
  readonly settings: Settings & { readonly changedAt: string | null };
};

/** The result of a search for a reader's past. `unknown`: the reader has no events; `not_yet`: only later ones. */
export type FoundPast =
  | { readonly found: "past"; readonly past: Past }
  | { readonly found: "not_yet"; readonly since: Date; readonly past: Past }
  | { readonly found: "unknown" | "erased" };
