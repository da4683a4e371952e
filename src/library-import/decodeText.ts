import { isAscii, isUtf8, transcode } from "node:buffer";
import chardet from "chardet";
import iconv from "iconv-lite";
import { UnusableBookFile } from "./parsedBook.ts";

export type DecodedText = { readonly text: string; readonly encoding: string };
/** `nuls`: how many NUL bytes were removed. */
export type DecodedFile = DecodedText & { readonly nuls: number };

const marks: readonly { readonly bytes: readonly number[]; readonly encoding: string }[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: "utf-8" },
  { bytes: [0xff, 0xfe], encoding: "utf-16le" },
  { bytes: [0xfe, 0xff], encoding: "utf-16be" },
  { bytes: [0x84, 0x31, 0x95, 0x33], encoding: "gb18030" },
];

/** The maximum share of unreadable characters, as in a file with a few damaged bytes. */
const maxUnreadable = 0.002;

/** The maximum share of NUL bytes. */
const maxShareOfNuls = 0.2;
/** A file shorter than this (bytes) is not accepted as a damaged text. */
const leastDamaged = 200;

/** The size of the sample for detecting an encoding, in bytes: enough for statistics, and small compared with a novel. */
const sampleBytes = 256 * 1024;

/** The most common characters of written Chinese, simplified and traditional, and its punctuation. */
const common = new Set(
  "的一是了不在有我他这這个個们們来來上大人中说說到地出道也时時子那要下就得可你年生自会會着着过過家之为為以后後看起天去能小多然心学學好她么麼没沒都想里裏回只面手无無第章，。？！：；“”「」、…　",
);

/**
 * Decodes a text file, without its byte-order mark. The encoding is determined by a byte-order mark, by valid UTF-8, by the
 * NULs of UTF-16, or else by which of GB18030, Big5 and chardet's suggestions reads most like Chinese. A few damaged bytes
 * become U+FFFD. Throws UnusableBookFile if it is not text.
 */
export function decodeText(file: Buffer): DecodedFile {
  const whole = withoutPadding(file);
  const bytes = isDamaged(whole) ? withoutNuls(whole) : whole;
  return { ...checked(decoded(bytes)), nuls: file.length - bytes.length };
}

function decoded(bytes: Buffer): DecodedText {
  const mark = marks.find((mark) => mark.bytes.every((byte, index) => bytes[index] === byte));
  if (mark) return decode(bytes.subarray(mark.bytes.length), mark.encoding);
  const utf16 = utf16Of(bytes.subarray(0, sampleBytes));
  if (utf16 !== undefined) return decode(bytes, utf16);
  if (bytes.includes(0)) throw new UnusableBookFile(`has a NUL at byte ${bytes.indexOf(0)}: this is no text file`);
  // One byte per character.
  if (isAscii(bytes)) return { text: bytes.toString("latin1"), encoding: "utf-8" };
  // For 59 MB a quarter of TextDecoder's time.
  if (isUtf8(bytes)) return { text: transcode(bytes, "utf8", "utf16le").toString("utf16le"), encoding: "utf-8" };
  return decode(bytes, legacyEncoding(bytes));
}

function withoutNuls(bytes: Buffer): Buffer {
  const kept = Buffer.alloc(bytes.length);
  let length = 0;
  for (const byte of bytes) if (byte !== 0) kept[length++] = byte;
  return kept.subarray(0, length);
}

/**
 * The platform's decoders are several times faster than those of iconv-lite, which supports more encodings. The platform's Big5
 * decodes the rows C6 to C8 as private-use characters, where files of the ETEN system have 〇 and numerals.
 */
const ownDecoders: ReadonlySet<string> = new Set(["utf-8", "utf-16le", "utf-16be", "gb18030"]);

/**
 * An interrupted download or a bad sector leaves a few NULs, or a block of them, in a text. UTF-16 has them everywhere, and
 * files that are not text have other binary data too.
 */
function isDamaged(bytes: Buffer): boolean {
  const first = bytes.length < leastDamaged ? -1 : bytes.indexOf(0);
  if (first < 0 || marks.slice(1, 3).some((mark) => mark.bytes.every((byte, index) => bytes[index] === byte)))
    return false;
  if (utf16Of(bytes.subarray(0, sampleBytes)) !== undefined) return false;
  let nuls = 0;
  for (let at = first; at >= 0; at = bytes.indexOf(0, at + 1)) nuls += 1;
  return nuls <= maxShareOfNuls * bytes.length;
}

/** Block-wise copying leaves NULs at the end of a file. In UTF-16 one of them may be half of a character. */
function withoutPadding(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  if (end === bytes.length) return bytes;
  const isWide = bytes.subarray(0, Math.min(end, sampleBytes)).includes(0) || (bytes[0] === 0xff && bytes[1] === 0xfe);
  return bytes.subarray(0, Math.min(bytes.length, isWide ? end + (end % 2) : end));
}

function decode(bytes: Buffer, encoding: string): DecodedText {
  const text = ownDecoders.has(encoding) ? new TextDecoder(encoding).decode(bytes) : iconv.decode(bytes, encoding);
  return { text, encoding };
}

/** Refuses text that is mostly unreadable or full of control characters: a picture, an archive, an unknown encoding. */
function checked(decoded: DecodedText): DecodedText {
  const { text } = decoded;
  if (text.includes("\0")) throw new UnusableBookFile("has NUL characters: this is no text file");
  const strange = count(text, /\uFFFD|[^\P{Cc}\s]/gu);
  if (strange <= Math.max(2, text.length * maxUnreadable)) return decoded;
  throw new UnusableBookFile(
    `its encoding was not recognised (${strange} unreadable characters as ${decoded.encoding}); save it as UTF-8 and import it again`,
  );
}

/** UTF-16 in the correct byte order is Chinese, Latin letters and their punctuation; in the wrong order it is neither. */
function utf16Of(sample: Buffer): "utf-16le" | "utf-16be" | undefined {
  if (!sample.includes(0)) return undefined;
  const usual = /[\t\n\r\x20-\x7E\xA0-\xFF\u2010-\u203B\u3000-\u303F\u4E00-\u9FFF\uFF00-\uFFEF]/g;
  const whole = sample.subarray(0, sample.length - (sample.length % 2));
  return (["utf-16le", "utf-16be"] as const).find((encoding) => {
    const { text } = decode(whole, encoding);
    return text.length > 0 && count(text, usual) >= 0.95 * text.length;
  });
}

/** The encoding without a mark that reads most like Chinese, with the fewest unreadable characters. */
function legacyEncoding(bytes: Buffer): string {
  const from = Math.max(
    0,
    bytes.findIndex((byte) => byte > 0x7f),
  );
  // ASCII, such as a licence at the beginning, does not identify the encoding.
  const sample = bytes.subarray(from, from + sampleBytes);
  const proposed = chardet
    .analyse(sample.subarray(0, 32 * 1024))
    .slice(0, 3)
    .map(({ name }) => name.toLowerCase())
    .filter((name) => iconv.encodingExists(name) && !name.startsWith("utf-32") && !name.startsWith("iso-2022"));
  const candidates = new Set(["utf-8", "gb18030", "big5", ...proposed]);
  const scored = [...candidates].map((encoding) => ({ encoding, score: likeness(decode(sample, encoding).text) }));
  return scored.reduce((best, next) => (next.score > best.score ? next : best)).encoding;
}

/** The share of characters that are common in Chinese, minus ten times that of unreadable and private-use ones. */
function likeness(text: string): number {
  let good = 0;
  let all = 0;
  for (const character of text) {
    if (character <= "\x7f") continue;
    all += 1;
    if (common.has(character)) good += 1;
  }
  const bad = count(text, /[\uFFFD\uE000-\uF8FF]|[^\P{Cc}\s]/gu);
  return all === 0 ? 0 : (good - 10 * bad) / all;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
