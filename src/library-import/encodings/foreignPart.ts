import { count } from "./decodeBytes.ts";
import { likeness } from "./legacyEncoding.ts";

/** The length of what is judged at once, in UTF-16 units, and the minimum number of its characters that are not ASCII. */
const block = { units: 4096, least: 200 };
/** Blocks of novels reach from 0.3 to 0.6. Text in a wrong encoding is below 0, by its unreadable and private-use characters. */
const readable = 0.1;

/**
 * Where a text that was read in one encoding goes on in another one: the index of the first block behind readable text that reads like
 * no language; undefined if there is none.
 */
export function foreignPart(text: string): number | undefined {
  let hasReadable = false;
  for (let at = 0; at < text.length; at += block.units) {
    const part = text.slice(at, at + block.units);
    if (hasReadable && !/[\uFFFD\uE000-\uF8FF]/u.test(part)) continue;
    if (count(part, /[^\0-\x7f]/g) < block.least) continue;
    const score = likeness(part);
    if (score >= readable) hasReadable = true;
    else if (hasReadable && score < 0) return at;
  }
  return undefined;
}
