import type { HandleCommand } from "../../commands/types.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { Endpoint } from "../endpoint.ts";
import { preferencesCommands } from "./commands.ts";
import { preferencesQueries } from "./queries.ts";

/** The endpoints of preferences and settings. */
export function preferencesEndpoints(handleCommand: HandleCommand, pool: Pool): readonly Endpoint[] {
  return [...preferencesQueries(pool), ...preferencesCommands(handleCommand)];
}
