import { ranges } from "./wordBreakRanges.ts";

/*
 * UAX #29 as Lucene's grammar (StandardTokenizerImpl.jflex) has it. Each code point becomes a letter for its class, and each rule
 * is a regular expression over those letters: the longest match wins, of equal ones the first rule.
 *
 * A letter, H Hebrew, G Hangul, N number, K Katakana, I Han, J Hiragana, C South-East Asian; L M B S D what joins letters, numbers or
 * both, and quotes; X underscores; E what extends a character, Z the joiner, P Q the presentation selectors, c the keycap, t T tags;
 * e a emoji (a is a letter too), m their modifiers, R regional indicators, k keycap bases that are no digits.
 */
const classes = new Uint8Array(0x110000).fill(".".charCodeAt(0));
for (const [name, list] of Object.entries(ranges)) {
  let end = 0;
  for (const range of list.split(" ")) {
    const [distance = "0", length = "0"] = range.split("-");
    const from = end + Number.parseInt(distance, 36);
    end = from + Number.parseInt(length, 36);
    classes.fill(name.charCodeAt(0), from, end + 1);
  }
}
const single = { P: [0xfe0f], Q: [0xfe0e], Z: [0x200d], c: [0x20e3], D: [0x22], k: [0x23, 0x2a], T: [0xe007f] };
for (const [name, points] of Object.entries(single)) for (const point of points) classes[point] = name.charCodeAt(0);
classes.fill("t".charCodeAt(0), 0xe0020, 0xe007f);
classes.fill("m".charCodeAt(0), 0x1f3fb, 0x1f400);
classes.fill("R".charCodeAt(0), 0x1f1e6, 0x1f200);

const extend = "[EZPQctTm]*";
/** The code points that may follow an emoji: no presentation selector, and no joiner that joins the next emoji. */
const emojiExtend = "(?:[EctTm]|Z(?!Z*[eam]))*";
const letters = "[AHGa]";
const [letter, hebrew, numeric, katakana] = [letters, "H", "N", "K"].map((one) => one + extend);
const [under, midLetter, midNumber, quote, doubleQuote] = ["X", "[LBS]", "[MBS]", "S", "D"].map((one) => one + extend);
const word =
  `(?:${katakana}(?:(?:${under})*${katakana})*` +
  `|(?:${hebrew}(?:${doubleQuote}${hebrew}|${quote})` +
  `|${numeric}(?:(?:(?:${under})*|${midNumber})${numeric})*` +
  `|${letter}(?:(?:(?:${under})*|${midLetter})${letter})*)+)`;
const emoji = `(?:m${emojiExtend}|Z*[ea]${emojiExtend}P?)`;

const rules: readonly [type: string, rule: RegExp][] = [
  ["<EMOJI>", `${emoji}(?:t+T|(?:Z${emoji})*)|[Nk]${emojiExtend}P?c${emojiExtend}|(?:R${extend}){2}`],
  ["<NUM>", `(?:${under})*${numeric}(?:(?:(?:${under})*|${midNumber})${numeric})*(?:${under})*`],
  ["<HANGUL>", `(?:G${extend})+`],
  ["<KATAKANA>", `(?:K${extend})+`],
  ["<ALPHANUM>", `(?:${under})*${word}(?:(?:${under})+${word})*(?:${under})*`],
  ["<SOUTHEAST_ASIAN>", `(?:C${extend})+`],
  ["<IDEOGRAPHIC>", `I${extend}`],
  ["<HIRAGANA>", `J${extend}`],
].map(([type, rule]) => [type!, new RegExp(rule!, "y")]);

/** Classes that begin a word by a single rule: a character of them is a word, unless something extends it. */
const alone: Readonly<Record<number, string>> = {
  [codeOf("I")]: "<IDEOGRAPHIC>",
  [codeOf("J")]: "<HIRAGANA>",
};
const extending = new Set([...extend.slice(1, -2)].map(codeOf));
const nothing = codeOf(".");

function codeOf(letter: string): number {
  return letter.charCodeAt(0);
}

type TakeWord = (start: number, end: number, type: string) => void;

/** Calls `take` with the words of a text, in UTF-16 units. A word is split after `maxLength` units. */
export function eachWord(text: string, maxLength: number, take: TakeWord): void {
  let rest: Letters | undefined;
  for (let at = 0; at < text.length; ) {
    const point = text.codePointAt(at)!;
    const next = at + (point > 0xffff ? 2 : 1);
    const own = classes[point]!;
    if (own === nothing) {
      at = next;
      continue;
    }
    const type = alone[own];
    const isExtended = next < text.length && extending.has(classes[text.codePointAt(next)!]!);
    if (type !== undefined && !isExtended && next - at <= maxLength) {
      take(at, next, type);
      at = next;
      continue;
    }
    rest ??= lettersOf(text);
    at = wordAt(rest, at, maxLength, take) ?? next;
  }
}

/** The class of each character as a letter, the offset of each, and the character at each offset. */
type Letters = { readonly letters: string; readonly offsets: readonly number[]; readonly indexes: Int32Array };

function lettersOf(text: string): Letters {
  let letters = "";
  const offsets: number[] = [];
  const indexes = new Int32Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at)!;
    indexes[at] = offsets.length;
    letters += String.fromCharCode(classes[point]!);
    offsets.push(at);
    if (point > 0xffff) at += 1;
  }
  offsets.push(text.length);
  return { letters, offsets, indexes };
}

/** Takes the word that begins at an offset, and returns where it ends; undefined when none begins there. */
function wordAt(
  { letters, offsets, indexes }: Letters,
  at: number,
  maxLength: number,
  take: TakeWord,
): number | undefined {
  const index = indexes[at]!;
  const window = windowOf(letters, offsets, index, maxLength);
  let end = index;
  let found = "";
  for (const [type, rule] of rules) {
    rule.lastIndex = index;
    if (rule.test(window) && rule.lastIndex > end) {
      end = rule.lastIndex;
      found = type;
    }
  }
  if (end === index) return undefined;
  take(at, offsets[end]!, found);
  return offsets[end]!;
}

/** The letters up to where a word that begins here must end. */
function windowOf(letters: string, offsets: readonly number[], at: number, maxLength: number): string {
  if (offsets[letters.length]! - offsets[at]! <= maxLength) return letters;
  let end = Math.min(at + maxLength, letters.length);
  while (offsets[end]! - offsets[at]! > maxLength) end -= 1;
  return letters.slice(0, end);
}
