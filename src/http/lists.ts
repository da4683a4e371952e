import { z } from "zod";
import type { Page } from "../queries/page.ts";

/** The greatest position that Postgres holds (int8). */
const greatestPosition = 2n ** 63n - 1n;

/** The query fields of every list; `cursor` is the log position that the page before ended at, or null. */
export const pageFields = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/, "must be a number from 1 to 100")
    .transform(Number)
    .pipe(z.int().min(1, "must be at least 1").max(100, "must be at most 100"))
    .default(20),
  cursor: z
    .string()
    .transform((cursor, context) => {
      const position = decodeCursor(cursor);
      if (position !== undefined) return position;
      context.addIssue("must be the nextCursor of a page");
      return z.NEVER;
    })
    .nullable()
    .default(null),
};

/** The schema of a list's answer. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** A list's answer: a page of a query, each row as `itemOf` shows it. */
export function listAnswer<Row, Item>(page: Page<Row>, itemOf: (row: Row) => Item) {
  return { items: page.rows.map(itemOf), nextCursor: page.next === null ? null : encodeCursor(page.next) };
}

/** Opaque to clients: what lists are ordered by may change. */
function encodeCursor(position: bigint): string {
  return Buffer.from(String(position)).toString("base64url");
}

function decodeCursor(cursor: string): bigint | undefined {
  const text = Buffer.from(cursor, "base64url").toString("latin1");
  if (!/^\d{1,19}$/.test(text)) return undefined;
  const position = BigInt(text);
  return position <= greatestPosition && encodeCursor(position) === cursor ? position : undefined;
}
