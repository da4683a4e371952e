import type { HistoryCommand } from "../../../src/domain/history/decider.ts";
import type { PreferencesCommand } from "../../../src/domain/preferences/decider.ts";
import type { BookmarksCommand } from "../../../src/domain/reading/bookmarks/decider.ts";
import type { ProgressCommand } from "../../../src/domain/reading/progress/decider.ts";
import type { RoundsCommand } from "../../../src/domain/reading/rounds/decider.ts";
import type { ShelfCommand } from "../../../src/domain/shelf/decider.ts";

/** A command and the reader's stream that it belongs to; the values that the API takes from its own clock are left empty. */
export type ReaderCommand =
  | { readonly category: "shelf"; readonly command: ShelfCommand }
  | { readonly category: "progress"; readonly command: ProgressCommand }
  | { readonly category: "rounds"; readonly command: RoundsCommand }
  | { readonly category: "bookmarks"; readonly command: BookmarksCommand }
  | { readonly category: "history"; readonly command: HistoryCommand }
  | { readonly category: "preferences"; readonly command: PreferencesCommand };

/** A command with the request that sends it. */
export type Sent = ReaderCommand & {
  readonly method: string;
  /** After `/v1`. */
  readonly path: string;
  readonly body?: unknown;
};

/** A book and its first chapter, which every edition keeps. */
export type KnownBook = { readonly bookId: string; readonly title: string; readonly chapterId: string };
