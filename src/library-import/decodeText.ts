import { isAscii, isUtf8, transcode } from "node:buffer";
import { count, decodeBytes } from "./encodings/decodeBytes.ts";
import { foreignPart } from "./encodings/foreignPart.ts";
import { sampleBytes } from "./encodings/legacyEncoding.ts";
import { type MixedText, mixedText, type SecondEncoding } from "./encodings/mixedText.ts";
import { UnusableBookFile } from "./parsedBook.ts";

/** A decoded text; `warnings` say what was left out, cannot be read, or was in a second encoding. */
export type DecodedFile = { readonly text: string; readonly encoding: string; readonly warnings: readonly string[] };

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

/**
 * Decodes a text file, without its byte-order mark. The encoding is determined by a byte-order mark, by valid UTF-8, by the
 * NULs of UTF-16, or else by which of GB18030, Big5 and chardet's suggestions reads most like Chinese. Stretches that are certainly in
 * another encoding than the rest are decoded in theirs. A few damaged bytes become U+FFFD. Throws UnusableBookFile if it is not text.
 */
export function decodeText(file: Buffer): DecodedFile {
  const decoded = decodeAny(file);
  refuseUnreadable(decoded, decoded.encoding === "utf-8" && isUtf8(file));
  return decoded;
}

/** Decodes like `decodeText`, however many characters cannot be read. */
export function decodeAny(file: Buffer): DecodedFile {
  const whole = withoutPadding(file);
  const bytes = isDamaged(whole) ? withoutNuls(whole) : whole;
  const nuls = file.length - bytes.length;
  const { text, encoding, second } = decoded(bytes);
  return {
    text,
    encoding,
    warnings: [
      ...(nuls === 0 ? [] : [`${nuls} NULs were left out: the file may be damaged`]),
      ...(second === undefined ? [] : [ofTwo(text, encoding, second)]),
      ...unreadable(text),
    ],
  };
}

function ofTwo(text: string, encoding: string, second: SecondEncoding): string {
  const line = lineAt(text, second.changesAt);
  return `it is in two encodings, ${encoding} and ${second.encoding} (${second.units} characters), and first changes on line ${line}`;
}

/** A warning of the characters that could not be read, if there are any. */
export function unreadable(text: string): readonly string[] {
  const first = text.indexOf("\uFFFD");
  if (first < 0) return [];
  const times = count(text, /\uFFFD/g);
  return [
    `${times} characters cannot be read (U+FFFD), the first on line ${lineAt(text, first)}: the file may be damaged`,
  ];
}

/** The number of the line, from 1, on which the character at `index` stands. */
function lineAt(text: string, index: number): number {
  return 1 + count(text.slice(0, index), /\r\n?|\n/g);
}

function decoded(bytes: Buffer): MixedText {
  const mark = marks.find((mark) => mark.bytes.every((byte, index) => bytes[index] === byte));
  const rest = mark ? bytes.subarray(mark.bytes.length) : bytes;
  const utf16 = mark?.encoding.startsWith("utf-16") ? mark.encoding : utf16Of(rest.subarray(0, sampleBytes));
  if (utf16 !== undefined) return { text: decodeBytes(rest, utf16), encoding: utf16 };
  if (rest.includes(0)) throw new UnusableBookFile(`has a NUL at byte ${bytes.indexOf(0)}: this is no text file`);
  // One byte per character.
  if (isAscii(rest)) return { text: rest.toString("latin1"), encoding: mark?.encoding ?? "utf-8" };
  // For 59 MB a quarter of TextDecoder's time.
  if (isUtf8(rest)) return { text: transcode(rest, "utf8", "utf16le").toString("utf16le"), encoding: "utf-8" };
  return mixedText(rest, mark?.encoding);
}

function withoutNuls(bytes: Buffer): Buffer {
  const kept = Buffer.alloc(bytes.length);
  let length = 0;
  for (const byte of bytes) if (byte !== 0) kept[length++] = byte;
  return kept.subarray(0, length);
}

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

/**
 * Refuses text that is mostly unreadable or full of control characters: a picture, an archive, an unknown encoding; unless the encoding
 * is certain, also text that goes on in another one.
 */
function refuseUnreadable({ text, encoding }: DecodedFile, isCertain: boolean): void {
  if (text.includes("\0")) throw new UnusableBookFile("has NUL characters: this is no text file");
  const other = isCertain ? undefined : foreignPart(text, encoding);
  if (other !== undefined)
    throw new UnusableBookFile(
      `is in ${encoding}, and from about line ${lineAt(text, other)} on in another encoding; save it as UTF-8 and import it again`,
    );
  const strange = count(text, /\uFFFD|[^\P{Cc}\s]/gu);
  if (strange <= Math.max(2, text.length * maxUnreadable)) return;
  const line = lineAt(text, text.search(/\uFFFD|[^\P{Cc}\s]/u));
  throw new UnusableBookFile(
    `its encoding was not recognised (${strange} unreadable characters as ${encoding}, the first on line ${line}); save it as UTF-8 and import it again`,
  );
}

/** UTF-16 in the correct byte order is Chinese, Latin letters and their punctuation; in the wrong order it is neither. */
function utf16Of(sample: Buffer): "utf-16le" | "utf-16be" | undefined {
  if (!sample.includes(0)) return undefined;
  const usual = /[\t\n\r\x20-\x7E\xA0-\xFF\u2010-\u203B\u3000-\u303F\u4E00-\u9FFF\uFF00-\uFFEF]/g;
  const whole = sample.subarray(0, sample.length - (sample.length % 2));
  return (["utf-16le", "utf-16be"] as const).find((encoding) => {
    const text = decodeBytes(whole, encoding);
    return text.length > 0 && count(text, usual) >= 0.95 * text.length;
  });
}
