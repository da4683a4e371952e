import type { HandleCommand } from "../../commands/types.ts";
import { blocklistStream } from "../../domain/blocklist/stream.ts";
import { searchStream } from "../../domain/keywords/stream.ts";
import { commandEndpoint } from "../commandEndpoint.ts";
import type { Endpoint } from "../endpoint.ts";
import { plainCommands } from "../plainCommands.ts";
import { keywordField } from "./keyword.ts";

/** The commands of a reader's search history. */
export function keywordCommands(handleCommand: HandleCommand): readonly Endpoint[] {
  const searched = plainCommands(searchStream, handleCommand);
  return [
    searched({
      method: "post",
      path: "/v1/search/history/remove",
      command: "ForgetKeyword",
      body: keywordField,
      refusals: [],
      sent: ({ body }) => body,
      summary: "Remove a keyword from the search history",
      description:
        "In any spelling. It no longer counts for the hot searches. The keyword is in the body because paths are logged.",
    }),
    searched({
      method: "delete",
      path: "/v1/search/history",
      command: "ClearSearchHistory",
      refusals: [],
      sent: () => ({}),
      summary: "Clear the search history",
    }),
  ];
}

/** The commands of blocked keywords, for operators. */
export function blocklistCommands(handleCommand: HandleCommand): readonly Endpoint[] {
  const declared = (method: "put" | "delete", command: "BlockKeyword" | "UnblockKeyword", summary: string) =>
    commandEndpoint({
      method,
      path: "/v1/search/blocked/{keyword}",
      access: "operator",
      params: keywordField,
      summary,
      stream: blocklistStream,
      command,
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
