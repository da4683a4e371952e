import { z } from "zod";
import { RequestProblem } from "./problems.ts";

/** The client's key of a command or an upload. A UUID in capitals is the same key; the log must see one spelling. */
export const idempotencyKey = z
  .uuid("must be a UUID")
  .transform((key) => key.toLowerCase())
  .optional();

/** What names a text or a cover. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in hexadecimal digits");

/** A log position in the cursor of a list, as text, for JSON holds no bigint. */
export const positionText = z.string().refine((text) => /^\d{1,19}$/.test(text) && BigInt(text) < 2n ** 63n);

/** A time in the cursor of a list. Postgres knows no year 0. */
export const instantText = z.iso.datetime().refine((text) => !text.startsWith("0000"));

/** Text as Postgres can store it, as UTF-8 and without NUL. */
export const storableText = z.string().regex(/^[^\0\p{Cs}]*$/u, "must not contain NUL or halves of surrogate pairs");

/** Text without control characters and halves of surrogate pairs. */
export const plainText = z.string().refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), "must be plain text");

/** Characters (code points) of what is searched for in titles and authors. */
const maxSearchLength = 64;

/** What is searched for. */
export const searchedText = plainText
  .transform((text) => text.normalize("NFKC").trim())
  .refine((text) => [...text].length <= maxSearchLength, `must have at most ${maxSearchLength} characters`);

/** The query field `q` of a list whose titles and authors can be searched; empty for all. */
export const searchText = searchedText.default("");

/** Refuses a cursor that begins with another order than is asked for; `name` is what the list calls its orders. */
export function checkOrderOf(cursor: readonly [string, ...unknown[]] | null, order: string, name: string): void {
  if (cursor === null || cursor[0] === order) return;
  const errors = [{ path: "cursor", message: `must be the nextCursor of a page of the same ${name}` }];
  throw new RequestProblem("invalid_request", `cursor: is of another ${name}`, { errors });
}
