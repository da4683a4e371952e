import { hasEntry } from "../commands/reading/hasEntry.ts";
import { type ImportVisitsDependencies, importRate, type Of, placeEntryId } from "./importVisits.ts";
import type { CourseRate, CourseUser } from "./readers.ts";
import { UnusableRow } from "./values.ts";

/** The last read place in a row of `user`, later than all rates of the files; undefined if it has none. `rates` are in order. */
export function lastPlaces(rates: readonly (CourseRate & { readonly at: number })[]) {
  const lastAt = new Map(rates.map(({ userId, at }) => [userId, at]));
  const rateIn = new Map(
    rates.map(({ userId, bookId, chapterId, rate }) => [`${userId}/${bookId}/${chapterId}`, rate]),
  );
  return ({ id, lastRead, changedAt = 0 }: CourseUser) => {
    if (lastRead === undefined) return undefined;
    const { bookId, chapterId } = lastRead;
    const rate = rateIn.get(`${id}/${bookId}/${chapterId}`) ?? 0;
    return { id, bookId, chapterId, rate, at: Math.max(changedAt, (lastAt.get(id) ?? -1) + 1) };
  };
}

export type LastPlace = NonNullable<ReturnType<ReturnType<typeof lastPlaces>>>;

/**
 * Records the last place of a user, even if its book was removed from shelf and history long ago; resolves with whether it was written.
 * With `mayBeThere` an earlier run may have recorded it: earlier releases entered the user alone, also if the book was
 * missing, and the reader's stream remembers only its last entries. Rejects with UnusableRow if there is no such place.
 */
export async function importLastPlace(
  deps: ImportVisitsDependencies,
  place: LastPlace,
  of: (userId: number, bookId: number) => Of,
  mayBeThere: boolean,
): Promise<boolean> {
  try {
    const found = of(place.id, place.bookId);
    const entry = { readerId: found.readerId, entryId: placeEntryId("user", place.id) };
    if (mayBeThere && (await hasEntry(deps.eventStore, entry))) return false;
    return await importRate(deps, { ...place, table: "user" }, found);
  } catch (error) {
    throw error instanceof UnusableRow ? new UnusableRow(`last_read ${error.message}`) : error;
  }
}
