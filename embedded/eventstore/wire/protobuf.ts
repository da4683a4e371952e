/** The part of the protobuf wire format that EventStoreDB's messages use: varints and length-delimited fields. */

/**
 * A field of a message: a varint has a number, a length-delimited one its bytes (a view, not a copy). With its tag it extends from
 * `start` to `end` in the message.
 */
export type Field = { number: number; varint: bigint; bytes: Buffer; start: number; end: number };

const empty = Buffer.alloc(0);

export class MalformedMessage extends Error {}

/**
 * Calls `visit` for every field of a message, in wire order. Passes the same object each time. @throws MalformedMessage when the
 * bytes are no protobuf message.
 */
export function forEachField(message: Buffer, visit: (field: Field) => void): void {
  const field: Field = { number: 0, varint: 0n, bytes: empty, start: 0, end: 0 };
  const cursor = { at: 0 };
  while (cursor.at < message.length) {
    field.start = cursor.at;
    const tag = readNumber(message, cursor);
    field.number = Math.floor(tag / 8);
    field.varint = 0n;
    field.bytes = empty;
    const wireType = tag % 8;
    if (wireType === 0) field.varint = readVarint(message, cursor);
    else field.bytes = readBytes(message, cursor, wireType);
    field.end = cursor.at;
    visit(field);
  }
}

function readBytes(message: Buffer, cursor: { at: number }, wireType: number): Buffer {
  const length = wireType === 2 ? readNumber(message, cursor) : wireType === 1 ? 8 : wireType === 5 ? 4 : -1;
  const start = cursor.at;
  if (length < 0 || start + length > message.length) throw new MalformedMessage("the message is no protobuf");
  cursor.at = start + length;
  return message.subarray(start, cursor.at);
}

/** A tag or a length. Those above 2^53 lose digits, but no message is that long. */
function readNumber(message: Buffer, cursor: { at: number }): number {
  let value = 0;
  for (let factor = 1; factor < 2 ** 63; factor *= 128) {
    const byte = message[cursor.at++];
    if (byte === undefined) throw new MalformedMessage("the message ends within a number");
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
  }
  throw new MalformedMessage("a number is longer than 64 bits");
}

function readVarint(message: Buffer, cursor: { at: number }): bigint {
  let low = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = message[cursor.at++];
    if (byte === undefined) throw new MalformedMessage("the message ends within a number");
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt(low);
  }
  let value = BigInt(low);
  for (let shift = 28n; shift < 70n; shift += 7n) {
    const byte = message[cursor.at++];
    if (byte === undefined) throw new MalformedMessage("the message ends within a number");
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw new MalformedMessage("a number is longer than 64 bits");
}

/** The bytes of an unsigned varint; negative numbers are written as their 64-bit complement, as int64 is. */
export function varint(value: number | bigint): Buffer {
  if (typeof value === "number" && value >= 0 && value < 0x80) return Buffer.of(value);
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 0x10000000n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  let low = Number(rest);
  while (low >= 0x80) {
    bytes.push((low & 0x7f) | 0x80);
    low >>>= 7;
  }
  bytes.push(low);
  return Buffer.from(bytes);
}

/** A varint field. Zero is written too: inside a oneof it selects the member. */
export function varintField(number: number, value: number | bigint): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

/** A length-delimited field: bytes, or an embedded message made of `parts`. */
export function bytesField(number: number, ...parts: Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([varint(number * 8 + 2), varint(length), ...parts]);
}

export function stringField(number: number, text: string): Buffer {
  return bytesField(number, Buffer.from(text));
}
