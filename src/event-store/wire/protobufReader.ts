/** The bytes are not a protobuf message. */
class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}

const cutOff = "a message of the event store ends too early";

/**
 * Iterates over the fields of messages in a buffer without copying. `next` moves to a field, whose value must then be read by
 * the method for its type, or skipped.
 */
export class ProtobufReader {
  private readonly bytes: Buffer;
  private at: number;
  private wireType = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** The number of the next field before `end`, 0 if there is none. */
  next(end: number): number {
    if (this.at >= end) return 0;
    const tag = this.number();
    this.wireType = tag & 7;
    return tag >>> 3;
  }

  /** The end of the whole message. */
  end(): number {
    return this.bytes.length;
  }

  /** Enters a nested message: returns its end. */
  enter(): number {
    if (this.wireType !== 2) throw new MalformedMessage("a field of the event store's has another type");
    const length = this.number();
    const end = this.at + length;
    if (end > this.bytes.length) throw new MalformedMessage(cutOff);
    return end;
  }

  /** A varint as a number; precision is lost above 2^53. */
  number(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 70; factor *= 0x80) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new MalformedMessage(cutOff);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new MalformedMessage("a number of the event store's has more than 64 bits");
  }

  /** A varint as an unsigned 64-bit number. */
  uint64(): bigint {
    const start = this.at;
    const value = this.number();
    if (value <= Number.MAX_SAFE_INTEGER) return BigInt(value);
    let exact = 0n;
    for (let at = this.at - 1; at >= start; at--) exact = (exact << 7n) | BigInt((this.bytes[at] ?? 0) & 0x7f);
    return BigInt.asUintN(64, exact);
  }

  text(): string {
    const end = this.enter();
    const text = this.bytes.toString("utf8", this.at, end);
    this.at = end;
    return text;
  }

  /** The same; returns one of `likely` if it is equal to it (ASCII only): comparing takes a fraction of the time of making a string. */
  textAmong(likely: readonly string[]): string {
    const end = this.enter();
    const start = this.at;
    this.at = end;
    for (const text of likely) if (isAscii(this.bytes, start, end, text)) return text;
    return this.bytes.toString("utf8", start, end);
  }

  /** A text of decimal digits as a number, without its last `cut` digits; NaN if it is another text. */
  digits(cut: number): number {
    const end = this.enter();
    let value = 0;
    for (; this.at < end - cut; this.at++) value = value * 10 + digit(this.bytes[this.at] as number);
    this.at = end;
    return value;
  }

  /** A view of the bytes. */
  view(): Buffer {
    const end = this.enter();
    const view = this.bytes.subarray(this.at, end);
    this.at = end;
    return view;
  }

  skip(): void {
    if (this.wireType === 0) this.number();
    else if (this.wireType === 2) this.at = this.enter();
    else if (this.wireType === 1) this.at += 8;
    else if (this.wireType === 5) this.at += 4;
    else throw new MalformedMessage("a field of the event store's has an unknown type");
  }
}

/** Returns whether the bytes are this text in UTF-8, and all ASCII. */
function isAscii(bytes: Buffer, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let n = 0; n < text.length; n++) {
    const code = text.charCodeAt(n);
    if (code !== bytes[start + n] || code >= 0x80) return false;
  }
  return true;
}

const digit = (byte: number) => (byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : Number.NaN);
