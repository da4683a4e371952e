import type { LoginDeps } from "../auth/login.ts";
import type { ChangeProfileDeps } from "../auth/profile/changeProfile.ts";
import type { AddBookToShelfDeps } from "../commands/shelf/addBookToShelf.ts";
import type { Pool } from "../platform/postgres.ts";
import { accountEndpoints } from "./account/endpoints.ts";
import { authEndpoints } from "./auth/endpoints.ts";
import type { Endpoint } from "./endpoint.ts";
import { healthEndpoints, type Readiness } from "./health/endpoints.ts";
import { historyEndpoints } from "./history/endpoints.ts";
import { libraryEndpoints } from "./library/endpoints.ts";
import { featuredEndpoints } from "./library/featured.ts";
import { preferencesEndpoints } from "./preferences/endpoints.ts";
import { type ProjectionsDeps, projectionsEndpoints } from "./projections/endpoints.ts";
import type { ReadingDeps } from "./reading/commands.ts";
import { readingEndpoints } from "./reading/endpoints.ts";
import { shelfEndpoints } from "./shelf/endpoints.ts";

/** What stands behind the endpoints. */
export type EndpointDeps = {
  readonly shelf: AddBookToShelfDeps;
  readonly reading: ReadingDeps;
  readonly login: LoginDeps;
  readonly account: ChangeProfileDeps;
  readonly pool: Pool;
  readonly readiness: () => Promise<Readiness>;
  readonly projections: ProjectionsDeps;
};

/** Every endpoint of the API: what the router serves, the OpenAPI document describes and the client is made for. */
export function allEndpoints({
  shelf,
  reading,
  login,
  account,
  pool,
  readiness,
  projections,
}: EndpointDeps): readonly Endpoint[] {
  return [
    ...authEndpoints(login),
    ...accountEndpoints(account),
    ...shelfEndpoints(shelf, pool),
    ...historyEndpoints(shelf, pool),
    ...preferencesEndpoints(shelf.handleCommand, pool),
    ...readingEndpoints(reading, pool),
    ...libraryEndpoints(pool),
    ...featuredEndpoints(shelf, pool),
    ...projectionsEndpoints(projections),
    ...healthEndpoints(readiness),
  ];
}
