import type { Pool } from "../../platform/postgres.ts";
import type { Endpoint } from "../endpoint.ts";
import { bookEndpoints } from "./books.ts";
import { categoryEndpoints } from "./categories.ts";
import { chapterEndpoints } from "./chapters.ts";
import { coverEndpoints } from "./covers.ts";
import { rankingEndpoints } from "./rankings.ts";
import { textSearchEndpoint } from "./textSearch.ts";
import { uploadEndpoints } from "./uploads.ts";

/** The endpoints of the library: for everybody, and for operators. */
export function libraryEndpoints(pool: Pool): readonly Endpoint[] {
  return [
    ...bookEndpoints(pool),
    ...categoryEndpoints(pool),
    ...chapterEndpoints(pool),
    textSearchEndpoint(pool),
    ...coverEndpoints(pool),
    ...rankingEndpoints(pool),
    ...uploadEndpoints(pool),
  ];
}
