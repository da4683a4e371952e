import type { Pool } from "../../platform/postgres.ts";
import type { Endpoint } from "../endpoint.ts";
import { bookmarkEndpoints } from "./bookmarks.ts";
import { type ReadingDeps, readingCommands } from "./commands.ts";
import { progressEndpoints } from "./progress.ts";
import { roundsEndpoints } from "./rounds.ts";

/** The endpoints of reading: places, rounds and bookmarks. */
export function readingEndpoints(commands: ReadingDeps, pool: Pool): readonly Endpoint[] {
  return [
    ...progressEndpoints(pool),
    ...roundsEndpoints(pool),
    ...bookmarkEndpoints(pool),
    ...readingCommands(commands),
  ];
}
