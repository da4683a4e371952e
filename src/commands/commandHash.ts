import { createHash } from "node:crypto";

/** What a hash of today's form begins with. Those of requests, which came before it, have no such beginning. */
const form = "2:";

/** Whether a stored hash is one of `commandHash`, else it is one of `requestHash`. */
export function isCommandHash(hash: string): boolean {
  return hash.startsWith(form);
}

/**
 * The hash by which a repeat of a command is told from another one: SHA-256, in hex, of the stream, the command's name and what
 * the client sent, parsed, as JSON with sorted keys. It knows nothing of the way on which the command came.
 */
export function commandHash(stream: string, name: string, sent: unknown): string {
  return form + sha256(`${stream} ${name}\n${canonicalJson(sent)}`);
}

/**
 * The hash that stands in events written before commands had a hash of their own: of the method, the path and the body of their
 * request. A repeat of such a command is compared by it.
 */
export function requestHash(method: string, path: string, body: unknown): string {
  return sha256(`${method} ${path}\n${canonicalJson(body)}`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isPlainObject(part) ? sortKeys(part) : part)) ?? "";
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sortKeys(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
