import { randomUUID } from "node:crypto";
import { bytesField, forEachField, varintField } from "./protobuf.ts";

const dashed = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The 16 bytes of a UUID as .NET parses one: with dashes, also in braces or parentheses, or 32 digits alone, spaces around.
 * For other text returns the message of .NET.
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

/** The value of each hexadecimal digit by its ASCII code; 255 for other characters. */
const digitValues = new Uint8Array(256).fill(255);
for (const [value, digit] of [..."0123456789abcdef"].entries()) {
  digitValues[digit.charCodeAt(0)] = value;
  digitValues[digit.toUpperCase().charCodeAt(0)] = value;
}
const digits = Buffer.from("0123456789abcdef");
const dash = 0x2d;
/** Where the pairs of digits of a UUID with dashes begin. */
const pairs = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/** The 16 bytes of a UUID with dashes in a text at an offset; undefined if there is none. An append has many of them. */
function readUuid(text: Buffer, offset: number): Buffer | undefined {
  if (
    text[offset + 8] !== dash ||
    text[offset + 13] !== dash ||
    text[offset + 18] !== dash ||
    text[offset + 23] !== dash
  )
    return undefined;
  const id = Buffer.allocUnsafe(16);
  let wrong = 0;
  for (let n = 0; n < 16; n++) {
    const at = offset + (pairs[n] as number);
    const high = digitValues[text[at] as number] as number;
    const low = digitValues[text[at + 1] as number] as number;
    wrong |= high | low;
    id[n] = (high << 4) | low;
  }
  return wrong > 15 ? undefined : id;
}

/** Writes the canonical text of 16 bytes at an offset; returns where the next byte goes. */
export function writeUuid(id: Buffer, text: Buffer, offset: number): number {
  for (let n = 0; n < 16; n++) {
    const at = offset + (pairs[n] as number);
    const byte = id[n] as number;
    text[at] = digits[byte >> 4] as number;
    text[at + 1] = digits[byte & 15] as number;
  }
  for (const at of [8, 13, 18, 23]) text[offset + at] = dash;
  return offset + 36;
}

/** Decodes event_store.client.UUID (structured or string); undefined if it is neither, an error message if it is no UUID. */
export function decodeUuid(message: Buffer): Buffer | string | undefined {
  const isText = message.length === 38 && message[0] === 0x12 && message[1] === 36;
  let id: Buffer | string | undefined = isText ? readUuid(message, 2) : undefined;
  if (id) return id;
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
