import type { LoginDeps } from "../auth/login.ts";
import type { ChangeProfileDeps } from "../auth/profile/changeProfile.ts";
import type { AddBookToShelfDeps } from "../commands/shelf/addBookToShelf.ts";
import type { Pool } from "../platform/postgres.ts";
import { accountEndpoints } from "./account/endpoints.ts";
import { type EraseMeDeps, eraseEndpoint } from "./account/erase.ts";
import { type ExportDeps, exportEndpoint } from "./account/export.ts";
import { loginEndpoints } from "./account/logins.ts";
import { authEndpoints } from "./auth/endpoints.ts";
import type { Endpoint } from "./endpoint.ts";
import { healthEndpoints, type Readiness } from "./health/endpoints.ts";
import { libraryEndpoints } from "./library/endpoints.ts";
import { type ProjectionsDeps, projectionsEndpoints } from "./projections/endpoints.ts";
import { shelfEndpoints } from "./shelf/endpoints.ts";

/** What stands behind the endpoints. */
export type EndpointDeps = {
  readonly shelf: AddBookToShelfDeps;
  readonly login: LoginDeps;
  readonly account: ChangeProfileDeps & ExportDeps & EraseMeDeps;
  readonly pool: Pool;
  readonly readiness: () => Promise<Readiness>;
  readonly projections: ProjectionsDeps;
};

/** Every endpoint of the API: what the router serves, the OpenAPI document describes and the client is made for. */
export function allEndpoints({
  shelf,
  login,
  account,
  pool,
  readiness,
  projections,
}: EndpointDeps): readonly Endpoint[] {
  return [
    ...authEndpoints(login),
    ...accountEndpoints(account),
    exportEndpoint(account),
    eraseEndpoint(account),
    ...loginEndpoints(pool),
    ...shelfEndpoints(shelf, pool),
    ...libraryEndpoints(pool),
    ...projectionsEndpoints(projections),
    ...healthEndpoints(readiness),
  ];
}
