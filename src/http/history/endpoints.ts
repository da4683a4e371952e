import type { OpenBookDependencies } from "../../commands/history/openBook.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { Endpoint } from "../endpoint.ts";
import { historyCommands } from "./commands.ts";
import { historyQueries } from "./queries.ts";

/** The endpoints of a reader's history. */
export function historyEndpoints(commands: OpenBookDependencies, pool: Pool): readonly Endpoint[] {
  return [...historyQueries(pool), ...historyCommands(commands)];
}
