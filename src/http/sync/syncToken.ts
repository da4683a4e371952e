import { z } from "zod";
import { positionText } from "../fields.ts";

/** How far a client has seen a reader's changes, and when the token was issued. */
export type SyncToken = { readonly position: bigint; readonly issuedAt: Date };

/** -1 before the first event. `issuedAt` is in milliseconds, up to the year 9999. */
const wire = z.tuple([z.union([z.literal("-1"), positionText]), z.int().nonnegative().max(253_402_300_799_999)]);

/** Opaque to clients: base64url of JSON. */
export function encodeSyncToken({ position, issuedAt }: SyncToken): string {
  return Buffer.from(JSON.stringify([String(position), issuedAt.getTime()])).toString("base64url");
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
  const [position, issuedAt] = parsed.data;
  return { position: BigInt(position), issuedAt: new Date(issuedAt) };
}
