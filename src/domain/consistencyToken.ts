import { z } from "zod";
import { parseJson } from "./parseJson.ts";
import { type Category, categories } from "./streams.ts";

/**
 * A token with more books than these names none of them: a client joins many tokens in one header, and all headers of a request
 * have 16 KiB (Node), one line 8 KiB (nginx).
 */
const maxNamedBooks = 10;

/** In place of the list of books: any book. As a list, so that a process of an older release can read the token. */
const anyBook = "*";

/**
 * A decoded Consistency-Token: the events that a command wrote, for a query that must include them: the log position of the last, its category, and the
 * partition keys (`reader`, `books`) of the affected rows; `any` if there are too many books to name them.
 */
export type ConsistencyToken = {
  readonly position: bigint;
  readonly category: Category;
  readonly reader?: string | undefined;
  readonly books: readonly string[] | "any";
};

const wire = z.strictObject({
  p: z.string().regex(/^\d{1,20}$/),
  c: z.enum(categories),
  r: z.string().max(64).optional(),
  // Older releases named up to a hundred.
  b: z.array(z.string().max(64)).max(100).optional(),
});

/** The value of the `Consistency-Token` header, of at most 512 characters: opaque to clients, base64url of JSON. */
export function encodeConsistencyToken({ position, category, reader, books }: ConsistencyToken): string {
  const named = books === "any" || books.length > maxNamedBooks ? [anyBook] : books;
  const fields = { p: String(position), c: category, r: reader, b: named.length > 0 ? named : undefined };
  return Buffer.from(JSON.stringify(fields)).toString("base64url");
}

/** The tokens in a header value that joins several by commas; undefined if any of them is invalid. */
export function decodeConsistencyTokens(header: string): readonly ConsistencyToken[] | undefined {
  const tokens: ConsistencyToken[] = [];
  for (const text of header.split(",")) {
    const fields = wire.safeParse(parseJson(Buffer.from(text.trim(), "base64url").toString()));
    if (!fields.success) return undefined;
    const { p, c, r, b = [] } = fields.data;
    tokens.push({ position: BigInt(p), category: c, reader: r, books: b[0] === anyBook ? "any" : b });
  }
  return tokens;
}
