import { randomUUID } from "node:crypto";
import { bytesField, forEachField, varintField } from "./protobuf.ts";

const dashed = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The 16 bytes of a UUID as .NET parses one: with dashes, also in braces or parentheses, or 32 digits alone, spaces around.
 * For other text the sentence that .NET has.
 */
export function parseUuid(text: string): Buffer | string {
  const trimmed = text.trim();
  if (dashed.test(trimmed)) return bytesOf(trimmed);
  if (trimmed.length < 32) return "Unrecognized Guid format.";
  const bare = /^\{.*\}$|^\(.*\)$/.test(trimmed) ? trimmed.slice(1, -1) : trimmed;
  if (dashed.test(bare)) return bytesOf(bare);
  if (bare === trimmed && /^[0-9a-f]{32}$/i.test(bare)) return bytesOf(bare);
  if (bare.length === 36 || (bare.length === 32 && !bare.includes("-")))
    return "Guid string should only contain hexadecimal characters.";
  return "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).";
}

function bytesOf(digits: string): Buffer {
  return Buffer.from(digits.replaceAll("-", ""), "hex");
}

/** A new random UUID. */
export function newUuid(): Buffer {
  return bytesOf(randomUUID());
}

/** The canonical text of 16 bytes. */
export function formatUuid(id: Buffer): string {
  const hex = id.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Decodes event_store.client.UUID (structured or string); undefined when it is neither, a sentence when it is no UUID. */
export function decodeUuid(message: Buffer): Buffer | string | undefined {
  let id: Buffer | string | undefined;
  forEachField(message, ({ number, bytes }) => {
    if (number === 2) id = parseUuid(bytes.toString());
    if (number === 1) id = structuredUuid(bytes);
  });
  return id;
}

function structuredUuid(message: Buffer): Buffer {
  const id = Buffer.alloc(16);
  forEachField(message, ({ number, varint }) => {
    if (number === 1) id.writeBigUInt64BE(varint, 0);
    if (number === 2) id.writeBigUInt64BE(varint, 8);
  });
  return id;
}

/** event_store.client.UUID in its structured form. */
export function encodeStructuredUuid(id: Buffer): Buffer {
  return bytesField(1, varintField(1, id.readBigInt64BE(0)), varintField(2, id.readBigInt64BE(8)));
}
