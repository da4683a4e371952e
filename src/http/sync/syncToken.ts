import { z } from "zod";

/** How far a client has seen a reader's changes, and when the token was issued. */
export type SyncToken = { readonly position: bigint; readonly issuedAt: Date };

const wire = z.tuple([z.string().regex(/^-?\d{1,19}$/), z.int().nonnegative()]);

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
