/** SQLSTATE: connection lost (08), no resources (53), cancelled or shut down (57), lock or transaction not had in time. */
const passingSqlState = /^(08|53|57|40)[0-9A-Z]{3}$|^55P03$/;

/** SQLSTATE of a view or schema that is not there: the dispatcher has not built the read models yet. */
const notBuiltSqlState = /^(42P01|3F000)$/;

/** What Node says when nobody answers at the other end. */
const noAnswer =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

/** pg and ioredis give these neither a class nor a code. */
const lostConnection =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout|Command timed out|Connection is closed|Stream isn't writeable)/;

/** Says which dependency is away, if that is what the error means: a later repeat may not meet it. */
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
