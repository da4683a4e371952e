import { hash } from "node:crypto";

/** The prefix of a command hash. Request hashes, in older events, have none. */
const form = "2:";

/** Returns whether a stored hash was made by `commandHash`; otherwise it was made by `requestHash`. */
export function isCommandHash(hash: string): boolean {
  return hash.startsWith(form);
}

/**
 * The hash that distinguishes a retry from another command: SHA-256, in hex, of the stream, the command's name and the client's
 * input, parsed, as JSON with sorted keys. Independent of the transport.
 */
export function commandHash(stream: string, name: string, sent: unknown): string {
  return form + sha256(`${stream} ${name}\n${canonicalJson(sent)}`);
}

/** The hash in older events: of the method, path and body of the HTTP request. Retries of such commands are compared with it. */
export function requestHash(method: string, path: string, body: unknown): string {
  return sha256(`${method} ${path}\n${canonicalJson(body)}`);
}

function sha256(text: string): string {
  return hash("sha256", text, "hex");
}

function canonicalJson(value: unknown): string {
  // Nearly all input has sorted keys already; checking takes a tenth of the replacer's time.
  if (isSorted(value)) return JSON.stringify(value) ?? "";
  return JSON.stringify(value, (_key, part: unknown) => (isPlainObject(part) ? sortKeys(part) : part)) ?? "";
}

function isSorted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(isSorted);
  let before = "";
  for (const [key, part] of Object.entries(value)) {
    if (key < before || !isSorted(part)) return false;
    before = key;
  }
  return true;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sortKeys(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
