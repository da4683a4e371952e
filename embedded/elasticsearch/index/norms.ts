/*
 * Lucene keeps the length of a field in one byte (org.apache.lucene.util.SmallFloat.intToByte4): exact up to 40, then with
 * four significant bits.
 */
const exact = 24;

function encode4(value: number): number {
  const bits = 32 - Math.clz32(value);
  if (bits < 4) return value;
  const shift = bits - 4;
  return ((value >>> shift) & 0x07) | ((shift + 1) << 3);
}

function decode4(code: number): number {
  const mantissa = code & 0x07;
  const shift = (code >>> 3) - 1;
  return shift === -1 ? mantissa : (mantissa | 0x08) * 2 ** shift;
}

/** The byte for a length. */
export function encodeLength(length: number): number {
  return length < exact ? length : exact + encode4(length - exact);
}

/** The length that each byte encodes. */
export const lengths: readonly number[] = Array.from({ length: 256 }, (_, code) =>
  code < exact ? code : exact + decode4(code - exact),
);
