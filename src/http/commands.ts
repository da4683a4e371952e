import { z } from "zod";
import { type ChangeProfileDeps, changeProfile } from "../auth/profile/changeProfile.ts";
import { type FeatureBooksDeps, featureBooks } from "../commands/featured/featureBooks.ts";
import { type OpenBookDeps, openBook } from "../commands/history/openBook.ts";
import { type SkipParkedEventDeps, skipParkedEvent } from "../commands/operations/skipParkedEvent.ts";
import { type AddBookToShelfDeps, addBookToShelf } from "../commands/shelf/addBookToShelf.ts";
import { removeBooksFromShelf } from "../commands/shelf/removeBooksFromShelf.ts";
import { undoShelfRemoval } from "../commands/shelf/undoShelfRemoval.ts";
import type { HandleCommand } from "../commands/types.ts";
import { accountStream } from "../domain/account/stream.ts";
import { blocklistStream } from "../domain/blocklist/stream.ts";
import { maxFeatured } from "../domain/featured/events.ts";
import { featuredStream } from "../domain/featured/stream.ts";
import { historyStream } from "../domain/history/stream.ts";
import { bookId } from "../domain/ids.ts";
import { searchStream } from "../domain/keywords/stream.ts";
import { channel } from "../domain/library/events.ts";
import { skipsStream } from "../domain/operations/streams.ts";
import { preferences, settings } from "../domain/preferences/events.ts";
import { preferencesStream } from "../domain/preferences/stream.ts";
import { groupId, groupName, maxGroups } from "../domain/shelf/groups.ts";
import { shelfStream } from "../domain/shelf/stream.ts";
import { isVisible } from "../domain/visibleText.ts";
import { sealedProfile } from "./account/sealedProfile.ts";
import { commandEndpoint } from "./commandEndpoint.ts";
import type { Endpoint } from "./endpoint.ts";
import { plainText } from "./fields.ts";
import { keywordField } from "./keywords/keyword.ts";
import { plainCommands } from "./plainCommands.ts";
import { readModelParams, requireReadModel } from "./projections/readModelParams.ts";

// All commands of the API except those of reading (./reading/commands.ts): request, stream, command and possible refusals.

/** The maximum number of books that one command removes, and that one order lists. */
const maxRemoved = 100;
const maxOrdered = 2_000;

const book = z.strictObject({ bookId });
const group = z.strictObject({ group: groupId });
const booksAtMost = (most: number) =>
  z.strictObject({ bookIds: z.array(bookId).max(most, `must have at most ${most} books`) });

/** The commands of a reader's shelf. */
export function shelfCommands(deps: AddBookToShelfDeps): readonly Endpoint[] {
  const shelf = plainCommands(shelfStream, deps.handleCommand);
  return [
    commandEndpoint({
      ...{ method: "put", path: "/v1/shelf/{bookId}", stream: shelfStream, command: "AddBookToShelf" },
      ...{ params: book, body: z.strictObject({ group: groupId.nullable().optional() }) },
      refusals: ["shelf_full", "group_not_found"],
      problems: ["book_not_found"],
      sent: ({ params, body }) => ({ ...params, ...body }),
      run: (readerId, sent, context) => addBookToShelf(deps, { readerId, ...sent }, context),
      summary: "Put a book on the shelf",
      description:
        "A book that is on the shelf already stays there. With `group` it is moved to that group, or out of its group if null.",
    }),
    commandEndpoint({
      ...{ method: "delete", path: "/v1/shelf/{bookId}", stream: shelfStream, command: "RemoveBooksFromShelf" },
      params: book,
      refusals: [],
      sent: ({ params }) => ({ bookIds: [params.bookId] }),
      run: (readerId, { bookIds }, context) => removeBooksFromShelf(deps, { readerId, bookIds }, context),
      summary: "Take a book off the shelf",
    }),
    commandEndpoint({
      ...{ method: "post", path: "/v1/shelf/remove", stream: shelfStream, command: "RemoveBooksFromShelf" },
      body: booksAtMost(maxRemoved),
      refusals: [],
      sent: ({ body }) => body,
      run: (readerId, { bookIds }, context) => removeBooksFromShelf(deps, { readerId, bookIds }, context),
      summary: "Take several books off the shelf",
      description: "Books that are not on the shelf are ignored.",
    }),
    commandEndpoint({
      ...{ method: "post", path: "/v1/shelf/undo", stream: shelfStream, command: "UndoRemoval" },
      refusals: ["nothing_to_undo", "undo_too_late", "removal_not_undoable", "shelf_full"],
      sent: () => ({}),
      run: (readerId, _, context) => undoShelfRemoval(deps, readerId, context),
      summary: "Undo the last removal from the shelf within 24 hours",
      description:
        "The books return with pin, group and place. Later changes stay: a book that is on the shelf again is left alone, and one whose group was deleted has no group.",
    }),
    shelf({
      ...{ method: "put", path: "/v1/shelf/order", command: "ReorderBooks" },
      body: booksAtMost(maxOrdered),
      refusals: [],
      sent: ({ body }) => body,
      summary: "Set the manual order of the books",
      description:
        "The listed books come first. Unknown ids are ignored, of duplicates the first counts, and all other books follow in their previous order.",
    }),
    shelf({
      ...{ method: "put", path: "/v1/shelf/{bookId}/pin", command: "PinBook" },
      params: book,
      refusals: ["book_not_on_shelf"],
      sent: ({ params }) => params,
      summary: "Pin a book to the top of the shelf",
    }),
    shelf({
      ...{ method: "delete", path: "/v1/shelf/{bookId}/pin", command: "UnpinBook" },
      params: book,
      refusals: ["book_not_on_shelf"],
      sent: ({ params }) => params,
      summary: "Unpin a book",
    }),
    shelf({
      ...{ method: "put", path: "/v1/shelf/{bookId}/group", command: "MoveBookToGroup" },
      ...{ params: book, body: z.strictObject({ group: groupId.nullable() }) },
      refusals: ["book_not_on_shelf", "group_not_found"],
      sent: ({ params, body }) => ({ ...params, ...body }),
      summary: "Move a book to a group, or out of its group",
    }),
    shelf({
      ...{ method: "put", path: "/v1/shelf/groups/{group}", command: "NameGroup" },
      ...{ params: group, body: z.strictObject({ name: groupName }) },
      refusals: ["group_name_taken", "too_many_groups"],
      sent: ({ params, body }) => ({ ...params, ...body }),
      summary: "Create a group, or rename it",
      description: "The client chooses the id, which does not change with the name.",
    }),
    shelf({
      ...{ method: "delete", path: "/v1/shelf/groups/{group}", command: "DeleteGroup" },
      params: group,
      refusals: [],
      sent: ({ params }) => params,
      summary: "Delete a group; its books stay on the shelf",
    }),
    shelf({
      ...{ method: "put", path: "/v1/shelf/groups/order", command: "ReorderGroups" },
      body: z.strictObject({ groups: z.array(groupId).max(maxGroups, `must have at most ${maxGroups} groups`) }),
      refusals: [],
      sent: ({ body }) => body,
      summary: "Set the order of the groups",
      description:
        "The listed groups come first. Unknown ids are ignored, of duplicates the first counts, and all other groups follow in their previous order.",
    }),
  ];
}

/** The commands of a reader's history. */
export function historyCommands(deps: OpenBookDeps): readonly Endpoint[] {
  const { handleCommand } = deps;
  return [
    commandEndpoint({
      ...{ method: "put", path: "/v1/history/{bookId}", stream: historyStream, command: "OpenBook" },
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
      ...{ method: "delete", path: "/v1/history/{bookId}", stream: historyStream, command: "RemoveBookFromHistory" },
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
      ...{ method: "delete", path: "/v1/history", stream: historyStream, command: "ClearHistory" },
      refusals: [],
      sent: () => ({}),
      run: (readerId, _, context) =>
        handleCommand(historyStream, readerId, { type: "ClearHistory", at: context.occurredAt }, context),
      summary: "Clear the history",
    }),
    commandEndpoint({
      ...{ method: "post", path: "/v1/history/undo", stream: historyStream, command: "UndoRemoval" },
      refusals: ["nothing_to_undo", "undo_too_late"],
      sent: () => ({}),
      run: (readerId, _, context) =>
        handleCommand(historyStream, readerId, { type: "UndoRemoval", at: context.occurredAt }, context),
      summary: "Undo the last removal from the history, or its clearing, within 24 hours",
      description: "The books return to their places. A book that was opened since stays where it is.",
    }),
  ];
}

/** The commands of a reader's search history. */
export function keywordCommands(handleCommand: HandleCommand): readonly Endpoint[] {
  const searched = plainCommands(searchStream, handleCommand);
  return [
    searched({
      ...{ method: "post", path: "/v1/search/history/remove", command: "ForgetKeyword", body: keywordField },
      refusals: [],
      sent: ({ body }) => body,
      summary: "Remove a keyword from the search history",
      description:
        "In any spelling. It no longer counts for the hot searches. The keyword is in the body because paths are logged.",
    }),
    searched({
      ...{ method: "delete", path: "/v1/search/history", command: "ClearSearchHistory" },
      refusals: [],
      sent: () => ({}),
      summary: "Clear the search history",
    }),
  ];
}

/** The commands of a reader's preferences and settings. */
export function preferencesCommands(handleCommand: HandleCommand): readonly Endpoint[] {
  const chosen = plainCommands(preferencesStream, handleCommand);
  const description = "Omitted fields stay unchanged.";
  return [
    chosen({
      ...{ method: "put", path: "/v1/preferences", command: "ChoosePreferences", body: preferences.partial() },
      refusals: [],
      sent: ({ body }) => body,
      ...{ summary: "Change the preferences", description },
    }),
    chosen({
      ...{ method: "put", path: "/v1/settings", command: "AdjustSettings", body: settings.partial() },
      refusals: [],
      sent: ({ body }) => body,
      ...{ summary: "Change the settings for the display of pages", description },
    }),
  ];
}

/** The commands of featured books, for operators. */
export function featuredCommands(deps: FeatureBooksDeps): readonly Endpoint[] {
  return [
    commandEndpoint({
      ...{ method: "post", path: "/v1/library/featured", access: "operator" },
      ...{ stream: featuredStream, command: "FeatureBooks" },
      body: z.strictObject({ channel, ...booksAtMost(maxFeatured).shape }),
      refusals: [],
      problems: ["book_not_found"],
      sent: ({ body }) => body,
      run: (_, sent, context) => featureBooks(deps, sent, context),
      summary: "Set the featured books of a channel, in this order",
      description: "They replace the previous ones.",
    }),
  ];
}

/** The commands of blocked keywords, for operators. */
export function blocklistCommands(handleCommand: HandleCommand): readonly Endpoint[] {
  const declared = (method: "put" | "delete", command: "BlockKeyword" | "UnblockKeyword", summary: string) =>
    commandEndpoint({
      ...{ method, path: "/v1/search/blocked/{keyword}", access: "operator", params: keywordField, summary },
      ...{ stream: blocklistStream, command },
      refusals: command === "BlockKeyword" ? ["too_many_blocked"] : [],
      sent: ({ params }) => params,
      run: (_, { keyword }, context) => handleCommand(blocklistStream, "keywords", { type: command, keyword }, context),
      description: "In any spelling. Keywords that contain it are excluded too; recorded searches stay.",
    });
  return [
    declared("put", "BlockKeyword", "Exclude a keyword from the hot searches"),
    declared("delete", "UnblockKeyword", "Stop excluding a keyword from the hot searches"),
  ];
}

/** The commands of a reader's account. */
export function accountCommands(deps: ChangeProfileDeps): readonly Endpoint[] {
  return [
    commandEndpoint({
      ...{ method: "put", path: "/v1/me/profile", stream: accountStream, command: "ChangeProfile" },
      body: sealedProfile,
      refusals: ["reader_erased"],
      problems: [
        "session_key_missing",
        "profile_undecryptable",
        "profile_signature_invalid",
        "profile_of_another_app",
        "profile_nickname_blank",
      ],
      sent: ({ body }) => body,
      run: (readerId, sealed, context) => changeProfile(deps, { readerId, sealed }, context),
      summary: "Set the profile from wx.getUserProfile",
    }),
  ];
}

/** The commands of read models, for operators. */
export function projectionsCommands(deps: SkipParkedEventDeps): readonly Endpoint[] {
  return [
    commandEndpoint({
      ...{ method: "post", path: "/v1/projections/{name}/parked/skip", access: "operator" },
      ...{ stream: skipsStream, command: "SkipParkedEvent" },
      params: readModelParams,
      body: z.strictObject({
        eventId: z.uuid().transform((id) => id.toLowerCase()),
        reason: plainText.pipe(z.string().trim().max(500).refine(isVisible, "must not be empty")),
      }),
      refusals: [],
      problems: ["read_model_not_found", "parked_event_not_found", "parked_event_not_refused"],
      sent: ({ params, body }) => ({ readModel: params.name, ...body }),
      run(readerId, sent, context) {
        requireReadModel(sent.readModel);
        return skipParkedEvent(deps, { ...sent, skippedBy: readerId }, context);
      },
      summary: "Skip a parked event permanently in a read model",
      description: "Then the events parked behind it are applied. Only an event that is still refused can be skipped.",
    }),
  ];
}
