import type { AddBookToShelfDependencies } from "../../commands/shelf/addBookToShelf.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { Endpoint } from "../endpoint.ts";
import { shelfCommands } from "./commands.ts";
import { shelfGroupEndpoints } from "./groups.ts";
import { shelfListEndpoints } from "./list.ts";

/** The endpoints of a reader's shelf. */
export function shelfEndpoints(commands: AddBookToShelfDependencies, pool: Pool): readonly Endpoint[] {
  return [...shelfListEndpoints(pool), ...shelfGroupEndpoints(pool), ...shelfCommands(commands)];
}
