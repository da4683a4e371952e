import { z } from "zod";
import { positionText } from "../fields.ts";

/**
 * How far a client knows a reader's changes, and when the token was issued: it knows all up to `position`. With `page` it is in the
 * middle of a list of pages, and has been sent the changes up to there; those after `position` may have been sent without their last
 * values, so that the next list begins at `position`.
 */
export type SyncToken = { readonly position: bigint; readonly issuedAt: Date; readonly page?: bigint };

/** -1 before the first event. */
const position = z.union([z.literal("-1"), positionText]);
/** In milliseconds, up to the year 9999. */
const time = z.int().nonnegative().max(253_402_300_799_999);
const wire = z.union([z.tuple([position, time]), z.tuple([position, time, positionText])]);

/** Opaque to clients: base64url of JSON. */
export function encodeSyncToken({ position, issuedAt, page }: SyncToken): string {
  const fields = [String(position), issuedAt.getTime(), ...(page === undefined ? [] : [String(page)])];
  return Buffer.from(JSON.stringify(fields)).toString("base64url");
}

/** Decodes a token of `encodeSyncToken`; undefined if it is invalid. */
export function decodeSyncToken(text: string): SyncToken | undefined {
  let fields: unknown;
  try {
    fields = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return undefined;
  }
  const parsed = wire.safeParse(fields);
  if (!parsed.success) return undefined;
  const [position, issuedAt, page] = parsed.data;
  return {
    position: BigInt(position),
    issuedAt: new Date(issuedAt),
    ...(page !== undefined && { page: BigInt(page) }),
  };
}
