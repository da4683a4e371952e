import type { Pool } from "../../platform/postgres.ts";
import type { Endpoint } from "../endpoint.ts";
import { bookmarkEndpoints } from "./bookmarks.ts";
import { type ReadingDependencies, readingCommands } from "./commands.ts";
import { progressEndpoints } from "./progress.ts";
import { roundsEndpoints } from "./rounds.ts";
import { readingStatsEndpoints } from "./stats.ts";

/** The endpoints of reading: places, rounds, bookmarks and statistics. */
export function readingEndpoints(commands: ReadingDependencies, pool: Pool): readonly Endpoint[] {
  return [
    ...progressEndpoints(pool),
    ...roundsEndpoints(pool),
    ...bookmarkEndpoints(pool),
    ...readingStatsEndpoints(pool),
    ...readingCommands(commands),
  ];
}
