import type { Decider, Refusal } from "../decider.ts";
import { refuseUndo } from "../undo.ts";
import { type HistoryEvent, maxHistory } from "./events.ts";
import { emptyHistory, foldHistory, type History, isUsedAfter } from "./history.ts";
import type { HistoryRefusal } from "./refusals.ts";
import { historySnapshot } from "./snapshot.ts";

/** `at` is the time of the command, ISO 8601, by the API's clock. */
export type HistoryCommand =
  /** `isPast`: an import brings the visit; it is recorded only if nothing in the history is later. */
  | { readonly type: "OpenBook"; readonly bookId: string; readonly at: string; readonly isPast?: true | undefined }
  | { readonly type: "RemoveBookFromHistory"; readonly bookId: string; readonly at: string }
  | { readonly type: "ClearHistory"; readonly at: string }
  /** Reverts the last removal or clearing. */
  | { readonly type: "UndoRemoval"; readonly at: string };

/** Within this time a repeated visit (a page shown twice, a double tap) is not recorded again. */
const sameVisitMs = 60_000;

/** The rules of a reader's browsing history. */
export const historyDecider: Decider<History, HistoryCommand, HistoryEvent, HistoryRefusal> = {
  initialState: emptyHistory,
  evolve: (history, event) => foldHistory(history, [event]),
  fold: foldHistory,
  snapshot: historySnapshot,

  decide(command, history) {
    const { books } = history;
    switch (command.type) {
      case "OpenBook":
        return command.isPast && isUsedAfter(command.at, history) ? [] : openBook(command.bookId, command.at, history);
      case "RemoveBookFromHistory": {
        const visited = books.get(command.bookId);
        if (visited === undefined) return [];
        return [{ type: "BookRemovedFromHistory", data: { ...visited, removedAt: command.at } }];
      }
      case "ClearHistory": {
        if (books.size === 0) return [];
        return [{ type: "BrowseHistoryCleared", data: { clearedAt: command.at, books: [...books.values()] } }];
      }
      case "UndoRemoval":
        return undoRemoval(command.at, history);
    }
  },
};

/** Records nothing if the book is the most recent one and was opened less than a minute ago. */
function openBook(bookId: string, at: string, { books, visits }: History): readonly HistoryEvent[] {
  const known = books.get(bookId);
  const isSameVisit = known !== undefined && Date.parse(at) - Date.parse(known.openedAt) < sameVisitMs;
  if (isSameVisit && [...books.keys()].at(-1) === bookId) return [];
  const [oldest] = books.keys();
  const forgotten = known === undefined && books.size >= maxHistory ? (oldest ?? null) : null;
  return [{ type: "BookOpened", data: { bookId, visit: visits + 1, openedAt: at, forgotten } }];
}

/** Books opened since stay as they are. If not all returning books fit, the oldest are left out. */
function undoRemoval(at: string, { books, lastRemoval }: History): readonly HistoryEvent[] | Refusal<HistoryRefusal> {
  const back = (lastRemoval?.books ?? []).filter(({ bookId }) => !books.has(bookId));
  const room = maxHistory - books.size;
  if (lastRemoval !== null && (back.length === 0 || room <= 0)) return [];
  const refusal = refuseUndo(lastRemoval?.removedAt, at);
  return refusal ?? [{ type: "BooksReturnedToHistory", data: { books: back.slice(-room) } }];
}
