import { createHash } from "node:crypto";
import { z } from "zod";
import { positionText } from "../fields.ts";

/**
 * The state of a client's synchronisation, and when the token was issued: it knows all changes up to `position`. With `page` it
 * is in the middle of a list of pages, and has been sent the changes up to there; those after `position` may have been sent
 * without their last values, so that the next list begins at `position`. `mark` is of the event at `position`; missing if that
 * was not known.
 */
export type SyncToken = {
  readonly position: bigint;
  readonly issuedAt: Date;
  readonly page?: bigint | undefined;
  readonly mark?: string | undefined;
};

/** -1 before the first event. */
const position = z.union([z.literal("-1"), positionText]);
/** In milliseconds, up to the year 9999. */
const time = z.int().nonnegative().max(253_402_300_799_999);
const mark = z.string().regex(/^[\w-]{8}$/);
const wire = z.union([
  // Without a mark: of releases before 1 December 2026 too.
  z.tuple([position, time]),
  z.tuple([position, time, positionText]),
  z.tuple([position, time, positionText.nullable(), mark]),
]);

/** Of an event's id: 48 bits of SHA-256. Tells the events that two logs have at the same position apart, and shows no ids. */
export const eventFingerprint = (eventId: string): string =>
  createHash("sha256").update(eventId).digest().subarray(0, 6).toString("base64url");

/** Opaque to clients: base64url of JSON. */
export function encodeSyncToken({ position, issuedAt, page, mark }: SyncToken): string {
  const fields: unknown[] = [String(position), issuedAt.getTime()];
  if (page !== undefined || mark !== undefined) fields.push(page === undefined ? null : String(page));
  if (mark !== undefined) fields.push(mark);
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
  const [position, issuedAt, page, mark] = parsed.data;
  return {
    position: BigInt(position),
    issuedAt: new Date(issuedAt),
    page: page === undefined || page === null ? undefined : BigInt(page),
    mark,
  };
}
