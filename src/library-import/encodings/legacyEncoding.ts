import chardet from "chardet";
import iconv from "iconv-lite";
import { count, decodeBytes } from "./decodeBytes.ts";

/** The size of the sample for detecting an encoding, in bytes: enough for statistics, and small compared with a novel. */
export const sampleBytes = 256 * 1024;

/** The most common characters of written Chinese, simplified and traditional, and its punctuation. */
const common = new Set(
  "的一是了不在有我他这這个個们們来來上大人中说說到地出道也时時子那要下就得可你年生自会會着著过過家之为為以后後看起天去能小多然心学學好她么麼没沒都想里裏回只面手无無第章，。？！：；“”「」、…　",
);

/** The encoding without a mark that reads most like Chinese, with the fewest unreadable characters. */
export function legacyEncoding(bytes: Buffer): string {
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
  const scored = [...candidates].map((encoding) => ({ encoding, score: likeness(decodeBytes(sample, encoding)) }));
  return scored.reduce((best, next) => (next.score > best.score ? next : best)).encoding;
}

/** The share of characters that are common in Chinese, minus ten times that of unreadable and private-use ones. */
export function likeness(text: string): number {
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
