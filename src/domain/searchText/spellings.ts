import { foldCharacter, simplify, variants } from "./characters.ts";

/** Blocks (code points) of characters with a simplified form, and of Unicode's compatibility characters. */
const blocks = [
  [0x2e80, 0x2fdf],
  [0x3400, 0x9fff],
  [0xf900, 0xfaff],
] as const;

/** Half-width characters from here to `~` have full-width forms at this distance. */
const firstWithFullWidth = 0x21;
const lastWithFullWidth = 0x7e;
const toFullWidth = 0xfee0;

let known: ReadonlyMap<string, readonly string[]> | undefined;

/** All characters that normalise to `character`, itself included: traditional forms, variants, capitals and full-width forms. */
export function spellingsOf(character: string): readonly string[] {
  known ??= chineseSpellings();
  const spellings = new Set([character, ...(known.get(character) ?? [])]);
  for (const one of [character, character.toUpperCase(), character.toLowerCase()]) {
    if ([...one].length !== 1) continue;
    spellings.add(one);
    const code = one.codePointAt(0) ?? 0;
    if (code >= firstWithFullWidth && code <= lastWithFullWidth)
      spellings.add(String.fromCodePoint(code + toFullWidth));
  }
  return [...spellings];
}

/**
 * Other spellings, by the character that they fold to. All are simplified as one text, one per line, in 30 ms; one by one takes
 * ten times as long.
 */
function chineseSpellings(): ReadonlyMap<string, readonly string[]> {
  const characters = blocks.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index)),
  );
  const plain = characters.map((character) => character.normalize("NFKC"));
  const simplified = simplify(plain.join("\n")).split("\n");
  const spellings = new Map<string, string[]>();
  for (const [index, character] of characters.entries()) {
    const changed = simplified[index] ?? character;
    if ([...changed].length !== 1 || (changed === character && !variants.has(changed))) continue;
    const fold = foldCharacter(plain[index] ?? character);
    if (fold !== character) spellings.set(fold, [...(spellings.get(fold) ?? []), character]);
  }
  return spellings;
}
