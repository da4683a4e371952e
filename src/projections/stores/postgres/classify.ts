import { codeOf, meansOutage } from "../../../platform/outageCodes.ts";

/**
 * SQLSTATE classes (https://www.postgresql.org/docs/18/errcodes-appendix.html) that indicate bad values: 21 cardinality
 * violation (two keys in one statement that Postgres considers equal), 22 data exception, 23 integrity constraint violation, 54
 * program limit exceeded (an index entry above 2,700 bytes, a row above 1 GB).
 */
const refusals = /^(21|22|23|54)[0-9A-Z]{3}$/;

/** See `ReadModelStore.classify`. */
export function classify(error: unknown): "refused" | "fault" {
  return refusals.test(codeOf(error)) ? "refused" : "fault";
}

/**
 * See `BuildCatalog.isAway`: what `meansOutage` names, any other code of Node, since only the connection has one here (of a socket file:
 * ENOENT), and what is in use (SQLSTATE class 55).
 */
export function isAway(error: unknown): boolean {
  const code = codeOf(error);
  return (
    meansOutage(code) ||
    /^(E[A-Z]+|55...)$/.test(code) ||
    (error instanceof Error && /Connection terminated|timeout/i.test(error.message))
  );
}
