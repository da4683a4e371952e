import { createHash, randomBytes } from "node:crypto";

const prefixLength = 16;
const secretLength = 32;

/** The bytes that begin all tokens of a new login. */
export const newPrefix = (): Buffer => randomBytes(prefixLength);

/** A token as text, in base64url: 16 bytes that begin all tokens of its login, and 32 random bytes. */
export function newTokenText(prefix: Buffer): string {
  return Buffer.concat([prefix, randomBytes(secretLength)]).toString("base64url");
}

/** The SHA-256 of a token's text. */
export const hashOf = (token: string): Buffer => createHash("sha256").update(token).digest();

/** The first 16 bytes of a token; null for a token of an earlier release, which is 32 random bytes, and for other texts. */
export function prefixOf(token: string): Buffer | null {
  const bytes = Buffer.from(token, "base64url");
  return bytes.length === prefixLength + secretLength ? bytes.subarray(0, prefixLength) : null;
}
