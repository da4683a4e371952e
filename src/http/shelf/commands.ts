import { z } from "zod";
import { type AddBookToShelfDependencies, addBookToShelf } from "../../commands/shelf/addBookToShelf.ts";
import { removeBooksFromShelf } from "../../commands/shelf/removeBooksFromShelf.ts";
import { undoShelfRemoval } from "../../commands/shelf/undoShelfRemoval.ts";
import { bookId } from "../../domain/ids.ts";
import { groupId, groupName, maxGroups } from "../../domain/shelf/groups.ts";
import { shelfStream } from "../../domain/shelf/stream.ts";
import { commandEndpoint } from "../commandEndpoint.ts";
import type { Endpoint } from "../endpoint.ts";
import { bookIdsUpTo } from "../fields.ts";
import { plainCommands } from "../plainCommands.ts";

/** The maximum number of books that one command removes, and that one order lists. */
const maxRemoved = 100;
const maxOrdered = 2_000;

const book = z.strictObject({ bookId });
const group = z.strictObject({ group: groupId });

/** The commands of a reader's shelf. */
export function shelfCommands(deps: AddBookToShelfDependencies): readonly Endpoint[] {
  const shelf = plainCommands(shelfStream, deps.handleCommand);
  return [
    commandEndpoint({
      method: "put",
      path: "/v1/shelf/{bookId}",
      stream: shelfStream,
      command: "AddBookToShelf",
      params: book,
      body: z.strictObject({ group: groupId.nullable().optional() }),
      refusals: ["shelf_full", "group_not_found"],
      problems: ["book_not_found"],
      sent: ({ params, body }) => ({ ...params, ...body }),
      run: (readerId, sent, context) => addBookToShelf(deps, { readerId, ...sent }, context),
      summary: "Put a book on the shelf",
      description:
        "A book that is on the shelf already stays there. With `group` it is moved to that group, or out of its group if null.",
    }),
    commandEndpoint({
      method: "delete",
      path: "/v1/shelf/{bookId}",
      stream: shelfStream,
      command: "RemoveBooksFromShelf",
      params: book,
      refusals: [],
      sent: ({ params }) => ({ bookIds: [params.bookId] }),
      run: (readerId, { bookIds }, context) => removeBooksFromShelf(deps, { readerId, bookIds }, context),
      summary: "Take a book off the shelf",
    }),
    commandEndpoint({
      method: "post",
      path: "/v1/shelf/remove",
      stream: shelfStream,
      command: "RemoveBooksFromShelf",
      body: z.strictObject({ bookIds: bookIdsUpTo(maxRemoved) }),
      refusals: [],
      sent: ({ body }) => body,
      run: (readerId, { bookIds }, context) => removeBooksFromShelf(deps, { readerId, bookIds }, context),
      summary: "Take several books off the shelf",
      description: "Books that are not on the shelf are ignored.",
    }),
    commandEndpoint({
      method: "post",
      path: "/v1/shelf/undo",
      stream: shelfStream,
      command: "UndoRemoval",
      refusals: ["nothing_to_undo", "undo_too_late", "removal_not_undoable", "shelf_full"],
      sent: () => ({}),
      run: (readerId, _, context) => undoShelfRemoval(deps, readerId, context),
      summary: "Undo the last removal from the shelf within 24 hours",
      description:
        "The books return with pin, group and place. Later changes stay: a book that is on the shelf again is left alone, and one whose group was deleted has no group.",
    }),
    shelf({
      method: "put",
      path: "/v1/shelf/order",
      command: "ReorderBooks",
      body: z.strictObject({ bookIds: bookIdsUpTo(maxOrdered) }),
      refusals: [],
      sent: ({ body }) => body,
      summary: "Set the manual order of the books",
      description:
        "The listed books come first. Unknown ids are ignored, the first of duplicate ids counts, and all other books follow in their previous order.",
    }),
    shelf({
      method: "put",
      path: "/v1/shelf/{bookId}/pin",
      command: "PinBook",
      params: book,
      refusals: ["book_not_on_shelf"],
      sent: ({ params }) => params,
      summary: "Pin a book to the top of the shelf",
    }),
    shelf({
      method: "delete",
      path: "/v1/shelf/{bookId}/pin",
      command: "UnpinBook",
      params: book,
      refusals: ["book_not_on_shelf"],
      sent: ({ params }) => params,
      summary: "Unpin a book",
    }),
    shelf({
      method: "put",
      path: "/v1/shelf/{bookId}/group",
      command: "MoveBookToGroup",
      params: book,
      body: z.strictObject({ group: groupId.nullable() }),
      refusals: ["book_not_on_shelf", "group_not_found"],
      sent: ({ params, body }) => ({ ...params, ...body }),
      summary: "Move a book to a group, or out of its group",
    }),
    shelf({
      method: "put",
      path: "/v1/shelf/groups/{group}",
      command: "NameGroup",
      params: group,
      body: z.strictObject({ name: groupName }),
      refusals: ["group_name_taken", "too_many_groups"],
      sent: ({ params, body }) => ({ ...params, ...body }),
      summary: "Create a group, or rename it",
      description: "The client chooses the id, which does not change with the name.",
    }),
    shelf({
      method: "delete",
      path: "/v1/shelf/groups/{group}",
      command: "DeleteGroup",
      params: group,
      refusals: [],
      sent: ({ params }) => params,
      summary: "Delete a group; its books stay on the shelf",
    }),
    shelf({
      method: "put",
      path: "/v1/shelf/groups/order",
      command: "ReorderGroups",
      body: z.strictObject({ groups: z.array(groupId).max(maxGroups, `must have at most ${maxGroups} groups`) }),
      refusals: [],
      sent: ({ body }) => body,
      summary: "Set the order of the groups",
      description:
        "The listed groups come first. Unknown ids are ignored, the first of duplicate ids counts, and all other groups follow in their previous order.",
    }),
  ];
}
