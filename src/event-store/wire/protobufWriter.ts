/** Builds protobuf messages in one growing buffer. `reset` starts the next message. */
export type ProtobufWriter = {
  /**
   * A number from 0, below 2^53 unless it is a bigint (below 2^64). Zero is written too: in a oneof it indicates which member
   * is set.
   */
  varint(field: number, value: number | bigint): void;
  /** A string as UTF-8. */
  text(field: number, value: string): void;
  /** A nested message with the fields that `fill` writes. */
  message(field: number, fill?: () => void): void;
  /** The number of bytes written. */
  length(): number;
  /** A copy of what was written. */
  copy(): Buffer;
  /** Discards everything after that length. */
  truncate(length: number): void;
  reset(): void;
};

/** The length of the longest varint and its tag. */
const numberRoom = 12;

/** The space reserved for a message's length; most are shorter than 128 bytes and need one byte. */
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
      // Shrinks after a large message, instead of keeping its memory for ever.
      if (buffer.length > 16 * initialSize) buffer = Buffer.allocUnsafe(initialSize);
    },
  };
}

function bytesOf(length: number): number {
  let bytes = 1;
  for (let rest = length; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
