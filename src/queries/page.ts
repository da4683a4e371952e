/** Which part of a list is asked for: at most `limit` rows older than the log position `before` (null: the newest). */
export type PageRequest = { readonly limit: number; readonly before: bigint | null };

/** One page of a list; `next` is where the page that follows begins (of a list of newest first its `before`), or null. */
export type Page<Row, Place = bigint> = { readonly rows: readonly Row[]; readonly next: Place | null };

/**
 * The page that `rows` make: they were asked for one more than `limit`, which tells whether a page follows. `placeOf` is the place
 * of a row in the list's order.
 */
export function pageOf<Row, Place>(
  rows: readonly Row[],
  limit: number,
  placeOf: (row: Row) => Place,
): Page<Row, Place> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > limit && last !== undefined ? placeOf(last) : null };
}
