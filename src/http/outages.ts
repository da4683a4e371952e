/** SQLSTATE: connection lost (08), insufficient resources (53), cancelled or shut down (57), lock timeout or conflict. */
const passingSqlState = /^(08|53|57|40)[0-9A-Z]{3}$|^55P03$/;

/** SQLSTATE of a missing view or schema: the dispatcher has not created the read models yet. */
const notBuiltSqlState = /^(42P01|3F000)$/;

/** Node's error codes for an unreachable server. */
const noAnswer =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

/** pg and ioredis give these errors neither a class nor a code. */
const lostConnection =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout|Command timed out|Connection is closed|Stream isn't writeable)/;

/** Says which dependency is down, if the error means that; a retry may succeed. */
export function outageOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (notBuiltSqlState.test(code)) return "The read models are not built yet.";
  const isAway =
    passingSqlState.test(code) ||
    noAnswer.test(code) ||
    lostConnection.test(error.message) ||
    error.name === "MaxRetriesPerRequestError";
  return isAway ? "A store does not answer." : undefined;
}
