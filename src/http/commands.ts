import { z } from "zod";
import { type ChangeProfileDeps, changeProfile } from "../auth/profile/changeProfile.ts";
import { type SkipParkedEventDeps, skipParkedEvent } from "../commands/operations/skipParkedEvent.ts";
import { type AddBookToShelfDeps, addBookToShelf } from "../commands/shelf/addBookToShelf.ts";
import { accountStream } from "../domain/account/stream.ts";
import { bookId } from "../domain/ids.ts";
import { skipsStream } from "../domain/operations/streams.ts";
import { groupId, groupName, maxGroups } from "../domain/shelf/groups.ts";
import { shelfStream } from "../domain/shelf/stream.ts";
import { isVisible } from "../domain/visibleText.ts";
import { sealedProfile } from "./account/sealedProfile.ts";
import { commandEndpoint } from "./commandEndpoint.ts";
import type { Endpoint } from "./endpoint.ts";
import { plainText } from "./fields.ts";
import { plainCommands } from "./plainCommands.ts";
import { readModelParams, requireReadModel } from "./projections/readModelParams.ts";

// Every command of the API on one page: the request, the stream and the command that it is for, and how the rules may refuse it.

/** The most books that one command removes, and that one order lists. */
const maxRemoved = 100;
const maxOrdered = 2_000;

const book = z.strictObject({ bookId });
const group = z.strictObject({ group: groupId });
const booksAtMost = (most: number) =>
  z.strictObject({ bookIds: z.array(bookId).max(most, `must have at most ${most} books`) });

/** What a reader does to the shelf. */
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
        "A book that is there already stays. With `group` it is moved to that group, or out of its group if that is null.",
    }),
    shelf({
      ...{ method: "delete", path: "/v1/shelf/{bookId}", command: "RemoveBooksFromShelf" },
      params: book,
      refusals: [],
      sent: ({ params }) => ({ bookIds: [params.bookId] }),
      summary: "Take a book off the shelf",
    }),
    shelf({
      ...{ method: "post", path: "/v1/shelf/remove", command: "RemoveBooksFromShelf" },
      body: booksAtMost(maxRemoved),
      refusals: [],
      sent: ({ body }) => body,
      summary: "Take many books off the shelf at once",
      description: "Books that are not there are ignored.",
    }),
    shelf({
      ...{ method: "put", path: "/v1/shelf/order", command: "ReorderBooks" },
      body: booksAtMost(maxOrdered),
      refusals: [],
      sent: ({ body }) => body,
      summary: "Put the books into an order of the reader's own",
      description:
        "The listed books come first. Unknown ids are ignored, of doubles the first counts, other books follow in their old order.",
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
      summary: "Take the pin off a book",
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
      summary: "Make a group, or rename it",
      description: "The client chooses the id; it stays when the name changes.",
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
      summary: "Put the groups into an order",
      description:
        "The listed groups come first. Unknown ids are ignored, of doubles the first counts, other groups follow in their old order.",
    }),
  ];
}

/** What a reader does to the account. */
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
      summary: "Take over the profile that wx.getUserProfile gave",
    }),
  ];
}

/** What operators do to the read models. */
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
      summary: "Leaves a parked event out of a read model for good",
      description:
        "Then the events that waited behind it are folded. Only an event that is refused now can be skipped.",
    }),
  ];
}
