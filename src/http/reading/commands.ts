import { z } from "zod";
import { type RecordProgressDependencies, recordProgress } from "../../commands/reading/recordProgress.ts";
import { beginReadingRound, finishBook, type RoundsDependencies } from "../../commands/reading/rounds.ts";
import { setBookmark } from "../../commands/reading/setBookmark.ts";
import { bookId } from "../../domain/ids.ts";
import { bookmarksStream } from "../../domain/reading/bookmarks/stream.ts";
import { progressStream } from "../../domain/reading/progress/stream.ts";
import { roundsStream } from "../../domain/reading/rounds/stream.ts";
import { commandEndpoint } from "../commandEndpoint.ts";
import type { Endpoint } from "../endpoint.ts";
import { plainCommands } from "../plainCommands.ts";
import { bookmarkBody, bookmarkId, progressEntries, progressEntry, readAt } from "./fields.ts";

export type ReadingDependencies = RecordProgressDependencies & RoundsDependencies;

const book = z.strictObject({ bookId });
const when = z.strictObject({ readAt: readAt.optional() });
const bookmark = z.strictObject({ bookId, bookmarkId });

/** The commands of reading: progress, rounds and bookmarks. */
export function readingCommands(deps: ReadingDependencies): readonly Endpoint[] {
  const bookmarks = plainCommands(bookmarksStream, deps.handleCommand);
  const progress = { stream: progressStream, command: "RecordProgress", refusals: [] } as const;
  return [
    commandEndpoint({
      method: "put",
      path: "/v1/reading/{bookId}/progress",
      ...progress,
      params: book,
      body: progressEntry,
      problems: ["book_not_found", "chapter_not_found"],
      sent: ({ params, body }) => ({ ...params, ...body }),
      run: (readerId, sent, context) => recordProgress(deps, { readerId, entries: [sent] }, context),
      summary: "Report a place in a book and the reading time",
      description:
        "An `entryId` counts once. `activeSeconds` end at `readAt`, when the reader was at `offset`. A `readAt` ahead of the server's clock is corrected to the server's time.",
    }),
    commandEndpoint({
      method: "post",
      path: "/v1/reading/progress",
      ...progress,
      body: progressEntries,
      problems: ["book_not_found", "chapter_not_found"],
      sent: ({ body }) => body,
      run: (readerId, { entries }, context) =>
        recordProgress(deps, { readerId, entries }, context, (index, field) => `entries.${index}.${field}`),
      summary: "Report offline reading",
      description:
        "Up to 100 entries, in any order; each `entryId` counts once. All are recorded or none: `errors` names the refused ones. If a device's latest `readAt` is ahead of the server's clock, all its times are moved back by the difference.",
    }),
    commandEndpoint({
      method: "post",
      path: "/v1/reading/{bookId}/rounds",
      stream: roundsStream,
      command: "BeginReadingRound",
      params: book,
      body: when,
      refusals: ["too_many_rounds"],
      problems: ["book_not_found"],
      sent: ({ params, body }) => ({ ...params, ...body }),
      run: (readerId, sent, context) => beginReadingRound(deps, { readerId, ...sent }, context),
      summary: "Start to read a book again",
      description:
        "Changes nothing while a started round is unfinished, or if the book was finished after `readAt`: then the report is late.",
    }),
    commandEndpoint({
      method: "put",
      path: "/v1/reading/{bookId}/finished",
      stream: roundsStream,
      command: "FinishBook",
      params: book,
      body: when,
      refusals: [],
      problems: ["book_not_found"],
      sent: ({ params, body }) => ({ ...params, ...body }),
      run: (readerId, sent, context) => finishBook(deps, { readerId, ...sent }, context),
      summary: "Mark a book as finished",
      description:
        "Changes nothing if the current round is finished, or if it began after `readAt`: then the report is late.",
    }),
    commandEndpoint({
      method: "put",
      path: "/v1/reading/{bookId}/bookmarks/{bookmarkId}",
      stream: bookmarksStream,
      command: "SetBookmark",
      params: bookmark,
      body: bookmarkBody,
      refusals: ["too_many_bookmarks", "bookmark_of_another_book"],
      problems: ["book_not_found", "chapter_not_found"],
      sent: ({ params, body }) => ({ ...params, ...body }),
      run: (readerId, sent, context) => setBookmark(deps, { readerId, ...sent }, context),
      summary: "Set a bookmark, or change its place and note",
      description: "The client chooses the id, a UUID.",
    }),
    bookmarks({
      method: "delete",
      path: "/v1/reading/{bookId}/bookmarks/{bookmarkId}",
      command: "DeleteBookmark",
      params: bookmark,
      refusals: [],
      sent: ({ params }) => params,
      summary: "Delete a bookmark",
    }),
  ];
}
