import { createHash } from "node:crypto";

/** Bytes of an identifier that Postgres keeps (NAMEDATALEN - 1); it cuts longer names without an error. */
const maxBytes = 63;

/**
 * The name of a prepared statement: what it does, and the parts that make it another statement (build, table, columns). The
 * same name for the same parts, another for others; one that would be too long ends with a hash of all of it.
 */
export function statementName(does: string, ...parts: readonly string[]): string {
  const name = [does, ...parts].join(" ");
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const hash = createHash("sha256").update(name).digest("base64url").slice(0, 22);
  return `${cut(name, maxBytes - hash.length - 1)} ${hash}`;
}

/** Throws for a name that Postgres would cut: two of them might be the same then. */
export function requireName(name: string, what: string): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  throw new Error(`${what} ${name} is longer than the ${maxBytes} bytes that Postgres keeps of a name`);
}

/** As many of its first characters as have room in so many bytes. */
function cut(text: string, bytes: number): string {
  let kept = text.slice(0, bytes);
  while (Buffer.byteLength(kept) > bytes) kept = kept.slice(0, -1);
  return kept.toWellFormed();
}
