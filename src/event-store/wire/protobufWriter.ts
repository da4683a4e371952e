/** A protobuf message in the making: fields are written into one buffer that grows. `reset` starts the next message in it. */
export type ProtobufWriter = {
  /** A number from 0 up, below 2^53 unless it is a bigint (below 2^64). Zero is written too: in a oneof it says which member is set. */
  varint(field: number, value: number | bigint): void;
  /** A string as UTF-8. */
  text(field: number, value: string): void;
  /** The fields that `fill` writes, as a message within. */
  message(field: number, fill?: () => void): void;
  /** How many bytes were written. */
  length(): number;
  /** A copy of what was written. */
  copy(): Buffer;
  /** Takes back what was written beyond that length. */
  truncate(length: number): void;
  reset(): void;
};

/** The longest varint, and a tag before it. */
const numberRoom = 12;

/** What a message's length takes until it is known; most are shorter than 128 bytes and need one. */
const lengthRoom = 1;

/** `initialSize` in bytes. */
export function createProtobufWriter(initialSize = 4_096): ProtobufWriter {
  let buffer = Buffer.allocUnsafe(initialSize);
  let at = 0;

  const reserve = (bytes: number) => {
    if (at + bytes <= buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + bytes));
    buffer.copy(grown, 0, 0, at);
    buffer = grown;
  };
  const putNumber = (value: number) => {
    let rest = value;
    while (rest >= 0x80) {
      buffer[at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    buffer[at++] = rest;
  };
  const putBigint = (value: bigint) => {
    let rest = value;
    while (rest > 0x1f_ffff_ffff_ffffn) {
      buffer[at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    putNumber(Number(rest));
  };

  return {
    varint(field, value) {
      reserve(numberRoom);
      putNumber(field * 8);
      if (typeof value === "bigint") putBigint(value);
      else putNumber(value);
    },
    text(field, value) {
      const length = Buffer.byteLength(value);
      reserve(numberRoom + length);
      putNumber(field * 8 + 2);
      putNumber(length);
      at += buffer.write(value, at);
    },
    message(field, fill) {
      reserve(numberRoom);
      putNumber(field * 8 + 2);
      const start = at;
      at += lengthRoom;
      fill?.();
      const length = at - start - lengthRoom;
      const more = bytesOf(length) - lengthRoom;
      if (more > 0) {
        reserve(more);
        buffer.copy(buffer, start + lengthRoom + more, start + lengthRoom, at);
      }
      at = start;
      putNumber(length);
      at += length;
    },
    length: () => at,
    copy: () => Buffer.from(buffer.subarray(0, at)),
    truncate(length) {
      at = length;
    },
    reset() {
      at = 0;
      // One large append is no reason to hold its size for ever.
      if (buffer.length > 16 * initialSize) buffer = Buffer.allocUnsafe(initialSize);
    },
  };
}

function bytesOf(length: number): number {
  let bytes = 1;
  for (let rest = length; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
