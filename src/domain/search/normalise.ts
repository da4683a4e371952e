import { foldCharacter } from "./characters.ts";

/** A character with the marks on it. */
const cluster = /\P{M}\p{M}*|\p{M}+/gu;

/** Parts of words all the same: C++, C#, emoji, private characters. */
const kept = "[+#\\p{Extended_Pictographic}\\p{Co}]";

/** What separates words and is not searched for: punctuation (《》【】·—…), symbols, spaces, controls, and fillers. */
const separator = new RegExp(`^[[\\p{P}\\p{S}\\p{Z}\\p{C}\\u3164\\u2800]--${kept}]+$`, "v");

/** A normalised text, and where in the original (UTF-16) each of its UTF-16 units begins and ends. */
export type Normalised = {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
};

/**
 * A text as it is searched: NFKC, lower case, traditional characters and variants folded to simplified ones, words separated by one
 * space in place of punctuation. Projection and query use this alike. A text that has nothing but separators is "".
 */
export function normalise(text: string): string {
  let normalised = "";
  walk(text, (part) => {
    normalised += part;
  });
  return normalised;
}

/** The same, with the places in the original: for the marks of a highlight. */
export function normaliseWithPlaces(original: string): Normalised {
  let text = "";
  const starts: number[] = [];
  const ends: number[] = [];
  walk(original, (part, start, end) => {
    text += part;
    for (let unit = 0; unit < part.length; unit++) {
      starts.push(start);
      ends.push(end);
    }
  });
  return { text, starts, ends };
}

/** These are as NFKC has them, and stand alone unless a mark follows. */
const plainHan = /^[\u4e00-\u9fff]$/;

function walk(original: string, add: (part: string, start: number, end: number) => void): void {
  let isEmpty = true;
  let gap: { start: number; end: number } | undefined;
  const word = (part: string, start: number, end: number) => {
    if (gap !== undefined && !isEmpty) add(" ", gap.start, gap.end);
    gap = undefined;
    isEmpty = false;
    add(part, start, end);
  };
  for (const { 0: found, index } of original.matchAll(cluster)) {
    const end = index + found.length;
    if (plainHan.test(found)) word(foldCharacter(found), index, end);
    else
      for (const character of found.normalize("NFKC").toLowerCase()) {
        if (separator.test(character)) gap = { start: gap?.start ?? index, end };
        else word(foldCharacter(character), index, end);
      }
  }
}

/**
 * What a title, an author or a whole query is compared by: normalised and without spaces (《斗破 苍穹》 is 斗破苍穹). Of a text that has
 * nothing but punctuation, itself.
 */
export function keyOf(text: string): string {
  return normalise(text).replaceAll(" ", "") || text.normalize("NFKC").toLowerCase().replaceAll(/\s/g, "");
}
