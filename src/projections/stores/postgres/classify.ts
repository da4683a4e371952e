/**
 * SQLSTATE classes (https://www.postgresql.org/docs/18/errcodes-appendix.html) that blame the values: 21 cardinality
 * violation (two keys of one statement that Postgres holds for the same), 22 data exception, 23 integrity constraint violation,
 * 54 program limit exceeded (an index entry above 2,700 bytes, a row above 1 GB).
 */
const refusals = /^(21|22|23|54)[0-9A-Z]{3}$/;

/** See `ReadModelStore.classify`. */
export function classify(error: unknown): "refused" | "fault" {
  const sqlState = error instanceof Error && "code" in error ? String(error.code) : "";
  return refusals.test(sqlState) ? "refused" : "fault";
}
