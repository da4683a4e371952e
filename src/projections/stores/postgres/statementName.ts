import { createHash } from "node:crypto";

/** The length to which Postgres truncates identifiers, in bytes (NAMEDATALEN - 1), without an error. */
const maxBytes = 63;

/**
 * The name of a prepared statement: what it does, and the parts that distinguish it (build, table, columns). Equal for equal
 * parts, different for others; a name that would be too long ends in a hash of all parts.
 */
export function statementName(does: string, ...parts: readonly string[]): string {
  const name = [does, ...parts].join(" ");
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const hash = createHash("sha256").update(name).digest("base64url").slice(0, 22);
  return `${cut(name, maxBytes - hash.length - 1)} ${hash}`;
}

/** Throws for a name that Postgres would truncate, since two such names might become equal. */
export function requireName(name: string, what: string): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  throw new Error(`${what} ${name} is longer than the ${maxBytes} bytes that Postgres keeps of a name`);
}

/** The longest prefix that fits into this number of bytes. */
function cut(text: string, bytes: number): string {
  let kept = text.slice(0, bytes);
  while (Buffer.byteLength(kept) > bytes) kept = kept.slice(0, -1);
  return kept.toWellFormed();
}
