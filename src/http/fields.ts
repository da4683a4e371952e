import { z } from "zod";
import { charactersUpTo, sentText } from "../domain/bounded.ts";
import { bookId } from "../domain/ids.ts";
import { withoutUnseen } from "../domain/unseen.ts";
import { RequestProblem } from "./problems.ts";

/** A UUID that a client has chosen. Lower-cased, so that the log has one spelling. */
export const uuid = z.uuid("must be a UUID").transform((id) => id.toLowerCase());

/** The idempotency key of a command or an upload. */
export const idempotencyKey = uuid.optional();

/** The hash of a text or cover. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in hexadecimal digits");

/** The field `bookIds` of a command: up to `max` books. */
export const bookIdsUpTo = (max: number) => z.array(bookId).max(max, `must have at most ${max} books`);

/** A log position in a list's cursor, as text, since JSON has no bigint. */
export const positionText = z.string().refine((text) => /^\d{1,19}$/.test(text) && BigInt(text) < 2n ** 63n);

/** A time in the cursor of a list. Postgres knows no year 0. */
export const instantText = z.iso.datetime().refine((text) => !text.startsWith("0000"));

/** Text that Postgres can store: valid UTF-8 without NUL. */
export const storableText = z.string().regex(/^[^\0\p{Cs}]*$/u, "must not contain NUL or halves of surrogate pairs");

/** Text without control characters and lone surrogates, which may have at most `max` characters (code points) once it is trimmed and normalised. */
export const plainText = (max: number) =>
  sentText(max).refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), "must be plain text");

/** The maximum length of a search in titles and authors, in characters (code points). */
const maxSearchLength = 64;

/** A search text. */
export const searchedText = plainText(maxSearchLength)
  .transform((text) => withoutUnseen(text).normalize("NFKC").trim())
  .check(charactersUpTo(maxSearchLength));

/** The same as it was typed or copied: ⑫ is not 12, which may also be ① and ②. */
export const copiedText = plainText(maxSearchLength).refine(
  (text) => searchedText.safeParse(text).success,
  `must have at most ${maxSearchLength} characters`,
);

/** The query field `q` of a list that can be searched by title and author; empty for all. */
export const searchText = searchedText.default("");

/** Refuses a cursor of another order; `name` is what the list calls its orders. */
export function checkOrderOf(cursor: readonly [string, ...unknown[]] | null, order: string, name: string): void {
  if (cursor === null || cursor[0] === order) return;
  const errors = [{ path: "cursor", message: `must be the nextCursor of a page of the same ${name}` }];
  throw new RequestProblem("invalid_request", `cursor: is of another ${name}`, { errors });
}
