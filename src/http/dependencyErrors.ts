import { codeOf, meansOutage } from "../platform/outageCodes.ts";
import { refusalOf } from "../platform/redis.ts";

/** SQLSTATE of a missing view or schema: the dispatcher has not created the read models yet. */
const notBuiltSqlState = /^(42P01|3F000)$/;

/** SQLSTATE of a refused login (28), a missing database (3D000) and a missing right (42501): an operator must correct them. */
const refusedSqlState = /^(28[0-9A-Z]{3}|3D000|42501)$/;

/** pg and ioredis give these errors neither a class nor a code. */
const lostConnection =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout|Command timed out|Connection is closed|Stream isn't writeable)/;

/** Says which dependency is down, if the error means that; a retry may succeed. */
export function outageOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = codeOf(error);
  if (notBuiltSqlState.test(code)) return "The read models are not built yet.";
  const isAway = meansOutage(code) || lostConnection.test(error.message) || error.name === "MaxRetriesPerRequestError";
  if (isAway) return "A database or queue server does not respond.";
  const isRefused = refusedSqlState.test(code) || refusalOf(error) !== undefined;
  return isRefused ? "A database or queue server refuses requests." : undefined;
}
