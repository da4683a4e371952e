/**
 * SQLSTATE classes (https://www.postgresql.org/docs/18/errcodes-appendix.html) that indicate bad values: 21 cardinality
 * violation (two keys in one statement that Postgres considers equal), 22 data exception, 23 integrity constraint violation, 54
 * program limit exceeded (an index entry above 2,700 bytes, a row above 1 GB).
 */
const refusals = /^(21|22|23|54)[0-9A-Z]{3}$/;

/** See `ReadModelStore.classify`. */
export function classify(error: unknown): "refused" | "fault" {
  const sqlState = error instanceof Error && "code" in error ? String(error.code) : "";
  return refusals.test(sqlState) ? "refused" : "fault";
}

/**
 * See `BuildCatalog.isAway`: a failed or lost connection, a server that is starting or stopping (SQLSTATE classes 08 and 57),
 * insufficient resources (53), or a lock timeout or conflict (40, 55).
 */
export function isAway(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return (
    /^(E[A-Z]+|(08|40|53|55|57)...)$/.test(code) ||
    (error instanceof Error && /Connection terminated|timeout/i.test(error.message))
  );
}
