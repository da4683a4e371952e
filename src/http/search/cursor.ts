import { createHash } from "node:crypto";
import { z } from "zod";
import { bookId } from "../../domain/ids.ts";
import { maxKept, type SearchPlace } from "../../queries/search/searchBooks.ts";
import { cursorOf } from "../pagination.ts";
import { RequestProblem } from "../problems.ts";

const count = z.int().nonnegative();

/** A SearchPlace as a cursor, kept short because it is part of a URL. The ids, twelve characters each, are concatenated. */
export const searchPlace = z.tuple([
  /** The hash of the search's parameters. */
  z.string().length(11),
  z
    .string()
    .max(12 * maxKept)
    .refine((ids) => ids.length % 12 === 0 && (ids.match(/.{12}/g) ?? []).every((id) => bookId.safeParse(id).success)),
  count,
  count,
  count,
  count,
  z.string().max(4_000).nullable(),
  z
    .array(z.union([z.string().max(50), z.number(), z.null()]))
    .max(10)
    .nullable(),
]);
type Place = z.output<typeof searchPlace>;

/** The cursor of the next page of a search; null if there is none. */
export function searchCursor(question: object, next: SearchPlace | null): string | null {
  if (next === null) return null;
  const { ids, exact, matches, at, total, pit = null, after = null } = next;
  return cursorOf([hashOf(question), ids.join(""), exact, matches, at, total, pit, after]);
}

/** The place of a cursor. Throws RequestProblem if the cursor belongs to another search. */
export function searchPlaceOf(question: object, cursor: Place | null): SearchPlace | null {
  if (cursor === null) return null;
  const [hash, ids, exact, matches, at, total, pit, after] = cursor;
  if (hash !== hashOf(question)) {
    const errors = [{ path: "cursor", message: "must be the nextCursor of a page of the same search" }];
    throw new RequestProblem("invalid_request", "cursor: is of another search", { errors });
  }
  const place = { ids: ids.match(/.{12}/g) ?? [], exact, matches, at, total };
  return { ...place, ...(pit !== null && { pit }), ...(after !== null && { after }) };
}

function hashOf(question: object): string {
  return createHash("sha256").update(JSON.stringify(question)).digest("base64url").slice(0, 11);
}
