import type { HandleCommand } from "../../commands/types.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { Endpoint } from "../endpoint.ts";
import { blocklistCommands, keywordCommands } from "./commands.ts";
import { blocklistQueries, keywordQueries } from "./queries.ts";

/** The endpoints of hot searches, of a reader's search history and of blocked keywords. `now` is the clock. */
export function keywordsEndpoints(
  handleCommand: HandleCommand,
  pool: Pool,
  now: () => Date = () => new Date(),
): readonly Endpoint[] {
  return [
    ...keywordQueries(pool, now),
    ...keywordCommands(handleCommand),
    ...blocklistQueries(pool),
    ...blocklistCommands(handleCommand),
  ];
}
