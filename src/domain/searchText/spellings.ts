import { changing, charactersFrom, manyCharacters } from "./characterSets.ts";
import { simplify, variants } from "./characters.ts";
import { normalise } from "./normalise.ts";

/** Blocks (code points) of characters with a simplified form, and of Unicode's compatibility characters. */
const chinese = [
  [0x2e80, 0x2fdf],
  [0x3400, 0x9fff],
  [0xf900, 0xfaff],
  [0x20000, 0x2a6df],
  [0x2f800, 0x2fa1f],
] as const;

type Spellings = ReadonlyMap<string, readonly string[]>;

let known: { readonly spellings: Spellings; readonly longest: number } | undefined;

/**
 * All characters that normalise to a part of a normalised text: of one character itself and its traditional forms, variants, capitals, full-width
 * and enclosed forms (①); of several those that stand for them (Ⅲ for iii, ℃ for c with or without a space before it).
 */
export function spellingsOf(part: string): readonly string[] {
  const others = spellings().spellings.get(part) ?? [];
  return [...part].length === 1 && part !== " " ? [...new Set([part, ...others])] : others;
}

/** The length of the longest part of a normalised text, in code points, that one character stands for. */
export function longestSpelled(): number {
  return spellings().longest;
}

function spellings() {
  if (known === undefined) {
    const all = new Map<string, string[]>();
    for (const [part, character] of [...chineseSpellings(), ...otherSpellings()]) {
      const list = all.get(part);
      if (list === undefined) all.set(part, [character]);
      else list.push(character);
    }
    known = { spellings: all, longest: Math.max(...[...all.keys()].map((part) => [...part].length)) };
  }
  return known;
}

/**
 * Chinese characters, each with what it folds to. All are simplified as one text, one per line, in 0.1 s; one by one takes
 * ten times as long.
 */
function* chineseSpellings(): Generator<readonly [fold: string, character: string]> {
  const lines = chinese.map(([first, last]) => charactersFrom(first, last, "\n")).join("");
  const characters = lines.split("\n");
  const simplified = simplify(lines.normalize("NFKC")).split("\n");
  for (const [index, character] of characters.entries()) {
    const changed = simplified[index] ?? character;
    const fold = variants.get(changed) ?? changed;
    if (fold !== character && [...changed].length === 1) yield [fold, character];
  }
}

/** Other characters that NFKC or lower case may change. */
const others = new RegExp(`[[${changing}]--[${chinese.map((range) => range.map(inHex).join("-")).join("")}]]`, "gv");

function inHex(code: number): string {
  return `\\u{${code.toString(16)}}`;
}

/** A private-use character, which normalises to itself and nothing else to it. */
const delimiter = "\ue000";

/** The characters that compatibility or case makes others, each with them; with spaces at its ends also without these: ㈱ is 株 in brackets. */
function* otherSpellings(): Generator<readonly [part: string, character: string]> {
  const characters = manyCharacters().match(others) ?? [];
  const delimited = ["", ...characters, ""].join(delimiter);
  const normalised = normalise(delimited).split(delimiter).slice(1);
  for (const [index, character] of characters.entries()) {
    const whole = normalised[index] ?? "";
    if (whole.trim() === "" || character.normalize("NFKC").toLowerCase() === character || whole === character) continue;
    yield* [...new Set([whole, whole.trimStart(), whole.trimEnd(), whole.trim()])].map(
      (part) => [part, character] as const,
    );
  }
}
