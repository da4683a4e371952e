import type { LoginDependencies } from "../auth/login.ts";
import type { ChangeProfileDependencies } from "../auth/profile/changeProfile.ts";
import type { BookExists } from "../commands/library/bookExists.ts";
import type { AddBookToShelfDependencies } from "../commands/shelf/addBookToShelf.ts";
import type { HandleCommand } from "../commands/types.ts";
import type { Pool } from "../platform/postgres.ts";
import type { AppliedUpTo } from "../projections/appliedUpTo.ts";
import { accountEndpoints } from "./account/endpoints.ts";
import { type EraseMeDependencies, eraseEndpoint } from "./account/erase.ts";
import { type ExportDependencies, exportEndpoint } from "./account/export.ts";
import { loginEndpoints } from "./account/logins.ts";
import { authEndpoints } from "./auth/endpoints.ts";
import type { Endpoint } from "./endpoint.ts";
import { healthEndpoints, type Readiness } from "./health/endpoints.ts";
import { historyEndpoints } from "./history/endpoints.ts";
import { keywordsEndpoints } from "./keywords/endpoints.ts";
import { libraryEndpoints } from "./library/endpoints.ts";
import { featuredEndpoints } from "./library/featured.ts";
import { preferencesEndpoints } from "./preferences/endpoints.ts";
import { type ProjectionsDependencies, projectionsEndpoints } from "./projections/endpoints.ts";
import type { ReadingDependencies } from "./reading/commands.ts";
import { readingEndpoints } from "./reading/endpoints.ts";
import { type ReplayDependencies, replayEndpoints } from "./replay/endpoints.ts";
import { type SearchDependencies, searchEndpoints } from "./search/endpoints.ts";
import { shelfEndpoints } from "./shelf/endpoints.ts";
import { changesEndpoints } from "./sync/changes.ts";
import { startEndpoints } from "./sync/start.ts";
import type { IsInLog } from "./sync/tokenLogCheck.ts";

/** The dependencies of all endpoints. */
export type EndpointDependencies = {
  readonly commands: { readonly handleCommand: HandleCommand; readonly bookExists: BookExists };
  readonly shelf: Pick<AddBookToShelfDependencies, "capacity">;
  readonly reading: Omit<ReadingDependencies, "handleCommand" | "bookExists">;
  readonly login: LoginDependencies;
  readonly account: ChangeProfileDependencies & ExportDependencies & EraseMeDependencies;
  readonly pool: Pool;
  readonly search: Omit<SearchDependencies, "pool">;
  readonly readiness: () => Promise<Readiness>;
  readonly projections: ProjectionsDependencies;
  readonly replay: ReplayDependencies;
  readonly appliedUpTo: AppliedUpTo;
  readonly isInLog: IsInLog;
};

/** All endpoints of the API, from which the router, the OpenAPI document and the client are created. */
export function allEndpoints({
  commands,
  shelf,
  reading,
  login,
  account,
  pool,
  search,
  readiness,
  projections,
  replay,
  appliedUpTo,
  isInLog,
}: EndpointDependencies): readonly Endpoint[] {
  return [
    ...authEndpoints(login),
    ...accountEndpoints(account),
    exportEndpoint(account),
    eraseEndpoint(account),
    ...loginEndpoints(pool),
    ...shelfEndpoints({ ...commands, ...shelf }, pool),
    ...readingEndpoints({ ...commands, ...reading }, pool),
    ...historyEndpoints(commands, pool),
    ...searchEndpoints({ ...search, pool }),
    ...keywordsEndpoints(commands.handleCommand, pool),
    ...preferencesEndpoints(commands.handleCommand, pool),
    ...startEndpoints(pool),
    ...changesEndpoints({ pool, appliedUpTo, isInLog }),
    ...libraryEndpoints(pool),
    ...featuredEndpoints(commands, pool),
    ...projectionsEndpoints(projections),
    ...replayEndpoints(replay),
    ...healthEndpoints(readiness),
  ];
}
