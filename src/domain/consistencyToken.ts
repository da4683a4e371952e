import { z } from "zod";
import { parseJson } from "./parseJson.ts";
import { type Category, categories } from "./streams.ts";

/**
 * The events that a command wrote, for a query that must include them: the log position of the last, its category, and the
 * partition keys (`reader`, `books`) of the affected rows.
 */
export type Written = {
  readonly position: bigint;
  readonly category: Category;
  readonly reader?: string | undefined;
  readonly books: readonly string[];
};

const wire = z.strictObject({
  p: z.string().regex(/^\d{1,20}$/),
  c: z.enum(categories),
  r: z.string().max(64).optional(),
  b: z.array(z.string().max(64)).max(100).optional(),
});

/** The value of the `Consistency-Token` header: opaque to clients, base64url of JSON. */
export function encodeConsistencyToken(written: Written): string {
  const { position, category, reader, books } = written;
  const fields = { p: String(position), c: category, r: reader, b: books.length > 0 ? books : undefined };
  return Buffer.from(JSON.stringify(fields)).toString("base64url");
}

/** The tokens in a header value that joins several by commas; undefined if any of them is invalid. */
export function decodeConsistencyTokens(header: string): readonly Written[] | undefined {
  const written: Written[] = [];
  for (const token of header.split(",")) {
    const fields = wire.safeParse(parseJson(Buffer.from(token.trim(), "base64url").toString()));
    if (!fields.success) return undefined;
    const { p, c, r, b } = fields.data;
    written.push({ position: BigInt(p), category: c, reader: r, books: b ?? [] });
  }
  return written;
}
