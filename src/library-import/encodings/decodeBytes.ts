import iconv from "iconv-lite";

/**
 * The platform's decoders are several times faster than those of iconv-lite, which supports more encodings. The platform's Big5
 * decodes the rows C6 to C8 as private-use characters, where files of the ETEN system have 〇 and numerals.
 */
const ownDecoders: ReadonlySet<string> = new Set(["utf-8", "utf-16le", "utf-16be", "gb18030"]);

/** Decodes bytes; those that the encoding does not have become U+FFFD. */
export function decodeBytes(bytes: Buffer, encoding: string): string {
  return ownDecoders.has(encoding) ? new TextDecoder(encoding).decode(bytes) : iconv.decode(bytes, encoding);
}

/** The number of matches of a pattern. */
export function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
