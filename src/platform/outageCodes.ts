/** Node's codes of errors of a connection or of the resolver, whose answer "try again" is EAI_AGAIN. */
const unreachable =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN)$/;

/**
 * SQLSTATE (https://www.postgresql.org/docs/18/errcodes-appendix.html): connection lost (08), insufficient resources (53), cancelled or shut
 * down (57), conflict (40), lock timeout (55P03), or a standby that is not the primary yet, or no longer (25006).
 */
const passingSqlState = /^((08|40|53|57)[0-9A-Z]{3}|55P03|25006)$/;

/** The `code` of an error, of Node or of Postgres; empty if it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Returns whether a code means that a dependency does not answer, or cannot for now: a retry may succeed. */
export function meansOutage(code: string): boolean {
  return unreachable.test(code) || passingSqlState.test(code);
}

/**
 * SQLSTATE classes that indicate bad values: 21 cardinality violation (two keys in one statement that Postgres considers equal), 22 data
 * exception, 23 integrity constraint violation, 54 program limit exceeded (an index entry above 2,700 bytes, a row above 1 GB).
 */
const refusedSqlState = /^(21|22|23|54)[0-9A-Z]{3}$/;

/** Returns whether a code means that Postgres refuses a value: a retry cannot succeed. */
export function meansRefusal(code: string): boolean {
  return refusedSqlState.test(code);
}
