import { count } from "./decodeBytes.ts";
import { likeness } from "./legacyEncoding.ts";
import { isMostlyUtf8 } from "./utf8Stretches.ts";

/** The length of what is judged at once, in UTF-16 units, and the minimum number of its characters that are not ASCII. */
const block = { units: 4096, least: 200 };
/** Blocks of novels reach from 0.3 to 0.6. Text in a wrong encoding is below 0, by its unreadable and private-use characters. */
const readable = 0.1;

/**
 * Where a text that was read in `encoding` goes on in another one: the index of the first block behind readable text that reads like
 * no language; undefined if there is none. Private-use characters are a reason for doubt in GB18030 and Big5 only: in UTF-8 and UTF-16
 * they are what the file has.
 */
export function foreignPart(text: string, encoding: string): number | undefined {
  const isUnicode = encoding.startsWith("utf-");
  let hasReadable = false;
  for (let at = 0; at < text.length; at += block.units) {
    const part = text.slice(at, at + block.units);
    if (hasReadable && !/[\uFFFD\uE000-\uF8FF]/u.test(part)) continue;
    if (count(part, /[^\0-\x7f]/g) < block.least) continue;
    const score = likeness(isUnicode ? part.replace(/[\uE000-\uF8FF]/gu, "") : part);
    if (score >= readable) hasReadable = true;
    else if (hasReadable && (score < 0 || isUtf8In(part, encoding))) return at;
  }
  return undefined;
}

/** UTF-8 read as UTF-16 has no unreadable characters: it is recognised by its bytes. */
function isUtf8In(part: string, encoding: string): boolean {
  if (!encoding.startsWith("utf-16")) return false;
  const bytes = Buffer.from(part, "utf16le");
  return isMostlyUtf8(encoding === "utf-16be" ? bytes.swap16() : bytes);
}
