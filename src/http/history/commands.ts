import { z } from "zod";
import { type OpenBookDependencies, openBook } from "../../commands/history/openBook.ts";
import { historyStream } from "../../domain/history/stream.ts";
import { bookId } from "../../domain/ids.ts";
import { commandEndpoint } from "../commandEndpoint.ts";
import type { Endpoint } from "../endpoint.ts";

const book = z.strictObject({ bookId });

/** The commands of a reader's history. */
export function historyCommands(deps: OpenBookDependencies): readonly Endpoint[] {
  const { handleCommand } = deps;
  return [
    commandEndpoint({
      method: "put",
      path: "/v1/history/{bookId}",
      stream: historyStream,
      command: "OpenBook",
      params: book,
      refusals: [],
      problems: ["book_not_found"],
      sent: ({ params }) => params,
      run: (readerId, { bookId }, context) => openBook(deps, { readerId, bookId }, context),
      summary: "Add a book that was opened to the history",
      description:
        "Opening the most recent book again within a minute changes nothing. Beyond 1,000 books the oldest is dropped.",
    }),
    commandEndpoint({
      method: "delete",
      path: "/v1/history/{bookId}",
      stream: historyStream,
      command: "RemoveBookFromHistory",
      params: book,
      refusals: [],
      sent: ({ params }) => params,
      run: (readerId, { bookId }, context) =>
        handleCommand(
          historyStream,
          readerId,
          { type: "RemoveBookFromHistory", bookId, at: context.occurredAt },
          context,
        ),
      summary: "Remove a book from the history",
    }),
    commandEndpoint({
      method: "delete",
      path: "/v1/history",
      stream: historyStream,
      command: "ClearHistory",
      refusals: [],
      sent: () => ({}),
      run: (readerId, _, context) =>
        handleCommand(historyStream, readerId, { type: "ClearHistory", at: context.occurredAt }, context),
      summary: "Clear the history",
    }),
    commandEndpoint({
      method: "post",
      path: "/v1/history/undo",
      stream: historyStream,
      command: "UndoRemoval",
      refusals: ["nothing_to_undo", "undo_too_late"],
      sent: () => ({}),
      run: (readerId, _, context) =>
        handleCommand(historyStream, readerId, { type: "UndoRemoval", at: context.occurredAt }, context),
      summary: "Undo the last removal from the history, or its clearing, within 24 hours",
      description: "The books return to their places. A book that was opened since stays where it is.",
    }),
  ];
}
