import { z } from "zod";
import { charactersUpTo, sentText } from "../domain/bounded.ts";
import { bookId } from "../domain/ids.ts";
import { withoutUnseen } from "../domain/unseen.ts";
import { RequestProblem } from "./problems.ts";

/** The idempotency key of a command or an upload. Lower-cased, so that the log has one spelling. */
export const idempotencyKey = z
  .uuid("must be a UUID")
  .transform((key) => key.toLowerCase())
  .optional();

/** The hash of a text or cover. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in hexadecimal digits");

/** The field `bookIds` of a command: up to `most` books. */
export const bookIdsUpTo = (most: number) => z.array(bookId).max(most, `must have at most ${most} books`);

/** A log position in a list's cursor, as text, since JSON has no bigint. */
export const positionText = z.string().refine((text) => /^\d{1,19}$/.test(text) && BigInt(text) < 2n ** 63n);

/** A time in the cursor of a list. Postgres knows no year 0. */
export const instantText = z.iso.datetime().refine((text) => !text.startsWith("0000"));

/** Text that Postgres can store: valid UTF-8 without NUL. */
export const storableText = z.string().regex(/^[^\0\p{Cs}]*$/u, "must not contain NUL or halves of surrogate pairs");

/** Text without control characters and lone surrogates, of which at most `most` characters (code points) are kept. */
export const plainText = (most: number) =>
  sentText(most).refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), "must be plain text");

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
