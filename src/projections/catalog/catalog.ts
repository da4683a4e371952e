import type { Pool } from "../../platform/postgres.ts";
import type { BuildCatalog } from "../engine/ports/buildCatalog.ts";
import { isAway } from "../stores/postgres/classify.ts";
import { createBuilds, type NextNumber, randomlyAfter } from "./builds.ts";
import { createFailures } from "./failures.ts";
import { createLeases } from "./leases.ts";
import { createVerifications } from "./verifications.ts";

/**
 * The catalog of builds in the schema `projections` (migrations/007_projections.sql). Methods reject when Postgres is down. `nextNumber`: of
 * the builds that it adds.
 */
export function createCatalog(pool: Pool, nextNumber: NextNumber = randomlyAfter): BuildCatalog {
  return {
    ...createBuilds(pool, nextNumber),
    ...createFailures(pool),
    ...createLeases(pool),
    ...createVerifications(pool),
    isAway,
  };
}
