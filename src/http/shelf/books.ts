import { z } from "zod";
import { type AddBookToShelfDeps, addBookToShelf } from "../../commands/shelf/addBookToShelf.ts";
import { changeShelf } from "../../commands/shelf/changeShelf.ts";
import { bookId } from "../../domain/ids.ts";
import { groupId } from "../../domain/shelf/groups.ts";
import { commandEndpoint } from "../commandEndpoint.ts";
import type { Endpoint } from "../endpoint.ts";

/** The most books that one command removes, and that one order lists. */
const maxRemoved = 100;
const maxOrdered = 2_000;

const params = z.strictObject({ bookId });
const group = groupId.nullable();
const listOfAtMost = (most: number) => z.array(bookId).max(most, `must have at most ${most} books`);

/** What a reader does to the books on the shelf. */
export function shelfBookEndpoints(commands: AddBookToShelfDeps): readonly Endpoint[] {
  return [
    commandEndpoint({
      method: "put",
      path: "/v1/shelf/{bookId}",
      summary: "Put a book on the shelf",
      description:
        "A book that is there already stays. With `group` it is moved to that group, or out of its group if that is null.",
      params,
      body: z.strictObject({ group: group.optional() }),
      problems: ["book_not_found", "shelf_full", "group_not_found"],
      handle: ({ readerId, params, body }, context) =>
        addBookToShelf(commands, { readerId, bookId: params.bookId, group: body.group }, context),
    }),

    commandEndpoint({
      method: "delete",
      path: "/v1/shelf/{bookId}",
      summary: "Take a book off the shelf",
      params,
      problems: [],
      handle: ({ readerId, params }, context) =>
        changeShelf(commands, readerId, { type: "RemoveBooksFromShelf", bookIds: [params.bookId] }, context),
    }),

    commandEndpoint({
      method: "post",
      path: "/v1/shelf/remove",
      summary: "Take many books off the shelf at once",
      description: "Books that are not there are ignored.",
      body: z.strictObject({ bookIds: listOfAtMost(maxRemoved) }),
      problems: [],
      handle: ({ readerId, body }, context) =>
        changeShelf(commands, readerId, { type: "RemoveBooksFromShelf", bookIds: body.bookIds }, context),
    }),

    commandEndpoint({
      method: "put",
      path: "/v1/shelf/order",
      summary: "Put the books into an order of the reader's own",
      description:
        "The listed books come first. Unknown ids are ignored, of doubles the first counts, other books follow in their old order.",
      body: z.strictObject({ bookIds: listOfAtMost(maxOrdered) }),
      problems: [],
      handle: ({ readerId, body }, context) =>
        changeShelf(commands, readerId, { type: "ReorderBooks", bookIds: body.bookIds }, context),
    }),

    commandEndpoint({
      method: "put",
      path: "/v1/shelf/{bookId}/pin",
      summary: "Pin a book to the top of the shelf",
      params,
      problems: ["book_not_on_shelf"],
      handle: ({ readerId, params }, context) =>
        changeShelf(commands, readerId, { type: "PinBook", bookId: params.bookId }, context),
    }),

    commandEndpoint({
      method: "delete",
      path: "/v1/shelf/{bookId}/pin",
      summary: "Take the pin off a book",
      params,
      problems: ["book_not_on_shelf"],
      handle: ({ readerId, params }, context) =>
        changeShelf(commands, readerId, { type: "UnpinBook", bookId: params.bookId }, context),
    }),

    commandEndpoint({
      method: "put",
      path: "/v1/shelf/{bookId}/group",
      summary: "Move a book to a group, or out of its group",
      params,
      body: z.strictObject({ group }),
      problems: ["book_not_on_shelf", "group_not_found"],
      handle: ({ readerId, params, body }, context) =>
        changeShelf(commands, readerId, { type: "MoveBookToGroup", bookId: params.bookId, group: body.group }, context),
    }),
  ];
}
