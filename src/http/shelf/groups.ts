import { z } from "zod";
import { changeShelf } from "../../commands/shelf/changeShelf.ts";
import type { HandleCommand } from "../../commands/types.ts";
import { groupId, groupName, maxGroups } from "../../domain/shelf/groups.ts";
import type { Pool } from "../../platform/postgres.ts";
import { groupsOfShelf } from "../../queries/shelf/groupsOfShelf.ts";
import { commandEndpoint } from "../commandEndpoint.ts";
import type { Endpoint } from "../endpoint.ts";
import { listAnswer, listOf } from "../lists.ts";
import { queryEndpoint } from "../queryEndpoint.ts";

const params = z.strictObject({ group: groupId });
const shelfGroup = z.strictObject({ id: z.string(), name: z.string(), books: z.int().nonnegative() });

/** The groups of a shelf. */
export function shelfGroupEndpoints(
  commands: { readonly handleCommand: HandleCommand },
  pool: Pool,
): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/shelf/groups",
      access: "reader",
      summary: "The groups of the shelf in their order, with the number of books in each",
      description: "All of them: `nextCursor` is always null.",
      response: listOf(shelfGroup),
      problems: [],
      reads: ["shelf"],
      keysOf: ({ readerId }) => ({ shelf: readerId }),
      handle: async ({ readerId }) => listAnswer(await groupsOfShelf(pool, readerId)),
    }),

    commandEndpoint({
      method: "put",
      path: "/v1/shelf/groups/{group}",
      summary: "Make a group, or rename it",
      description: "The client chooses the id; it stays when the name changes.",
      params,
      body: z.strictObject({ name: groupName }),
      problems: ["group_name_taken", "too_many_groups"],
      handle: ({ readerId, params, body }, context) =>
        changeShelf(commands, readerId, { type: "NameGroup", group: params.group, name: body.name }, context),
    }),

    commandEndpoint({
      method: "delete",
      path: "/v1/shelf/groups/{group}",
      summary: "Delete a group; its books stay on the shelf",
      params,
      problems: [],
      handle: ({ readerId, params }, context) =>
        changeShelf(commands, readerId, { type: "DeleteGroup", group: params.group }, context),
    }),

    commandEndpoint({
      method: "put",
      path: "/v1/shelf/groups/order",
      summary: "Put the groups into an order",
      description:
        "The listed groups come first. Unknown ids are ignored, of doubles the first counts, other groups follow in their old order.",
      body: z.strictObject({ groups: z.array(groupId).max(maxGroups, `must have at most ${maxGroups} groups`) }),
      problems: [],
      handle: ({ readerId, body }, context) =>
        changeShelf(commands, readerId, { type: "ReorderGroups", groups: body.groups }, context),
    }),
  ];
}
