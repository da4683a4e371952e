import { z } from "zod";
import { parseJson } from "../domain/parseJson.ts";
import type { JsonPage } from "../queries/page.ts";
import { RawJson } from "./rawJson.ts";

/** The greatest int8 of Postgres. */
const greatestPosition = 2n ** 63n - 1n;

/** The maximum number of items on a page. */
export const limitField = z
  .string()
  .regex(/^\d{1,3}$/, "must be a number from 1 to 100")
  .transform(Number)
  .pipe(z.int().min(1, "must be at least 1").max(100, "must be at most 100"))
  .default(20)
  .meta({ type: "integer", minimum: 1, maximum: 100, pattern: undefined, description: "20 by default." });

/** The query fields of a list ordered by position; `cursor` is the log position at which the previous page ended, or null. */
export const pageFields = { limit: limitField, cursor: cursorField(decodePosition) };

/**
 * The query fields of a list in another order; `cursor` is the place at which the previous page ended, described by the schema
 * `place`, or null.
 */
export function pageFieldsBy<Place extends z.ZodType>(place: Place) {
  const decode = (cursor: string): z.output<Place> | undefined => {
    const parsed = place.safeParse(parseJson(Buffer.from(cursor, "base64url").toString()));
    return parsed.success && encodePlace(JSON.stringify(parsed.data)) === cursor ? parsed.data : undefined;
  };
  return { limit: limitField, cursor: cursorField(decode) };
}

function cursorField<Place>(decode: (cursor: string) => Place | undefined) {
  return z
    .string()
    .transform((cursor, context) => {
      const place = decode(cursor);
      if (place !== undefined) return place;
      context.addIssue("must be the nextCursor of a page");
      return z.NEVER;
    })
    .nullable()
    .default(null)
    .meta({ description: "The `nextCursor` of the previous page." });
}

/** The schema of a list response. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** A list response: a page of a query, and additional fields with their values as JSON. */
export function listAnswer({ items, shown, next }: JsonPage, more: Readonly<Record<string, string>> = {}): RawJson {
  const nextCursor = next === null ? "null" : `"${encodePlace(next)}"`;
  let others = "";
  for (const [name, json] of Object.entries(more)) others += `,"${name}":${json}`;
  return new RawJson(`{"items":[${items}],"nextCursor":${nextCursor}${others}}`, shown);
}

/** A cursor for `place`, for responses not built by Postgres. */
export function cursorOf(place: object): string {
  return encodePlace(JSON.stringify(place));
}

/** Cursors are opaque to clients, so that the order of lists may change. */
function encodePlace(place: string): string {
  return Buffer.from(place).toString("base64url");
}

function decodePosition(cursor: string): bigint | undefined {
  const text = Buffer.from(cursor, "base64url").toString("latin1");
  if (!/^\d{1,19}$/.test(text)) return undefined;
  const position = BigInt(text);
  return position <= greatestPosition && encodePlace(String(position)) === cursor ? position : undefined;
}
