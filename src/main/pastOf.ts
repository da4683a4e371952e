import { isErased } from "../auth/erasure/isErased.ts";
import type { AsOfDependencies } from "../cli/replay/asOf.ts";
import { titlesOf } from "../queries/library/titlesOf.ts";
import type { FoundPast } from "../replay/asOf/past.ts";
import { readPast } from "../replay/asOf/readPast.ts";
import type { CliParts } from "./cliParts.ts";

/** A reader's past state at each of the times, and the current titles of its books; marks of erasure are checked first. */
export async function pastOf(
  { pool, eventStore }: Pick<CliParts, "pool" | "eventStore">,
  readerId: string,
  times: readonly Date[],
): ReturnType<AsOfDependencies["pastOf"]> {
  if (await isErased(pool, readerId)) return { found: times.map(() => ({ found: "erased" })), titles: new Map() };
  const found: FoundPast[] = [];
  for (const time of times) found.push(await readPast(eventStore, readerId, time));
  const books = found.flatMap((one) =>
    "past" in one ? [...one.past.shelf.books, ...one.past.places].map(({ bookId }) => bookId) : [],
  );
  return { found, titles: await titlesOf(pool, [...new Set(books)]) };
}
