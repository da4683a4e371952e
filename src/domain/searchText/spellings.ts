import { foldCharacter, simplify, variants } from "./characters.ts";
import { normalise } from "./normalise.ts";

/** The code points up to here may be spellings; beyond are Chinese characters (`chinese`) and tags only. */
const lastCode = 0x1ffff;

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
 * Other spellings, each with what it folds to. All are simplified as one text, one per line, in 100 ms; one by one takes
 * ten times as long.
 */
function* chineseSpellings(): Generator<readonly [fold: string, character: string]> {
  const characters = chinese.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index)),
  );
  const plain = characters.map((character) => character.normalize("NFKC"));
  const simplified = simplify(plain.join("\n")).split("\n");
  for (const [index, character] of characters.entries()) {
    const changed = simplified[index] ?? character;
    if ([...changed].length !== 1 || (changed === character && !variants.has(changed))) continue;
    const fold = foldCharacter(plain[index] ?? character);
    if (fold !== character) yield [fold, character];
  }
}

/** The characters that compatibility or case makes others, each with them; with spaces at its ends also without these: ㈱ is 株 in brackets. */
function* otherSpellings(): Generator<readonly [part: string, character: string]> {
  for (let code = 0; code <= lastCode; code++) {
    const character = String.fromCodePoint(code);
    if (character.normalize("NFKC").toLowerCase() === character) continue;
    if (chinese.some(([first, last]) => code >= first && code <= last)) continue;
    const whole = normalise(`中${character}中`).slice(1, -1);
    if (whole.trim() === "" || whole === character) continue;
    yield* [...new Set([whole, whole.trimStart(), whole.trimEnd(), whole.trim()])].map(
      (part) => [part, character] as const,
    );
  }
}
