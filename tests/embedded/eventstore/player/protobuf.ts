/**
 * Table-driven protobuf, so that a test reads the actual bytes with code independent of the server under test. A decoded message is
 * a plain object with only the known fields that were present; integers are bigints.
 */
export type Kind = "number" | "bool" | "string" | "bytes" | MessageTable;
export type MessageTable = { readonly [name: string]: readonly [number: number, kind: Kind, repeated?: "repeated"] };
export type Message = { [name: string]: Value | undefined };
export type Value = bigint | boolean | string | Buffer | Message | Value[];

export function encode(table: MessageTable, message: Message): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(message)) {
    const field = table[name];
    if (!field) throw new Error(`the message has no field ${name}`);
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) parts.push(encodeField(field[0], field[1], one));
  }
  return Buffer.concat(parts);
}

function encodeField(number: number, kind: Kind, value: Value): Buffer {
  if (kind === "number" || kind === "bool")
    return Buffer.concat([varint(BigInt(number << 3)), varint(BigInt(value as bigint | boolean))]);
  const bytes =
    kind === "string"
      ? Buffer.from(value as string)
      : kind === "bytes"
        ? (value as Buffer)
        : encode(kind, value as Message);
  return Buffer.concat([varint(BigInt((number << 3) | 2)), varint(BigInt(bytes.length)), bytes]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

/** @throws RangeError when the bytes end within a field. */
export function decode(table: MessageTable, bytes: Buffer): Message {
  const byNumber = new Map(Object.entries(table).map(([name, field]) => [field[0], { name, field }]));
  const message: Message = {};
  let at = 0;

  function readVarint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
  }

  while (at < bytes.length) {
    const tag = Number(readVarint());
    const wireType = tag & 7;
    const number = wireType === 0 ? readVarint() : 0n;
    const length = wireType === 2 ? Number(readVarint()) : fixedLength(wireType);
    if (at + length > bytes.length) throw new RangeError("the message ends within a field");
    const part = bytes.subarray(at, at + length);
    at += length;
    const known = byNumber.get(tag >>> 3);
    // A server of another version may send further fields.
    if (!known) continue;
    const value = decodeValue(known.field[1], number, part);
    const before = message[known.name];
    message[known.name] = known.field[2] ? [...(Array.isArray(before) ? before : []), value] : value;
  }
  return message;
}

/** Size of a field without a length prefix. */
function fixedLength(wireType: number): number {
  if (wireType === 0) return 0;
  if (wireType === 1) return 8;
  if (wireType === 5) return 4;
  throw new Error(`there is no wire type ${wireType}`);
}

function decodeValue(kind: Kind, number: bigint, bytes: Buffer): Value {
  if (kind === "number") return number;
  if (kind === "bool") return number !== 0n;
  return kind === "string" ? bytes.toString() : kind === "bytes" ? bytes : decode(kind, bytes);
}
