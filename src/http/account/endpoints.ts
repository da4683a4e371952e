import type { ChangeProfileDependencies } from "../../auth/profile/changeProfile.ts";
import type { Endpoint } from "../endpoint.ts";
import { accountCommands } from "./commands.ts";
import { accountQueries } from "./queries.ts";

/** The endpoints of a reader's account and profile. */
export function accountEndpoints(deps: ChangeProfileDependencies): readonly Endpoint[] {
  return [...accountQueries(deps.pool), ...accountCommands(deps)];
}
