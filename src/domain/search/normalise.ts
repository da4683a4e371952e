import { foldCharacter } from "./characters.ts";

/** A character with its combining marks. */
const cluster = /\P{M}\p{M}*|\p{M}+/gu;

/** Symbols that belong to words: C++, C#, emoji, private-use characters. */
const kept = "[+#\\p{Extended_Pictographic}\\p{Co}]";

/** Separates words and is not searched: punctuation (《》【】·—…), symbols, spaces, control characters and fillers. */
const separator = new RegExp(`^[[\\p{P}\\p{S}\\p{Z}\\p{C}\\u3164\\u2800]--${kept}]+$`, "v");

/** A normalised text, and the start and end in the original of each of its UTF-16 units (in UTF-16 units). */
export type Normalised = {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
};

/**
 * The searchable form of a text: NFKC, lower case, traditional characters and variants folded to simplified ones, and one space
 * in place of punctuation. Projections and queries both use it. Empty if the text has only separators.
 */
export function normalise(text: string): string {
  let normalised = "";
  walk(text, (part) => {
    normalised += part;
  });
  return normalised;
}

/** The same, with places in the original, for highlighting. */
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

/** Characters that NFKC leaves unchanged and that are clusters of their own unless a combining mark follows. */
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
 * The key by which titles, authors and whole queries are compared: normalised, without spaces (《斗破 苍穹》 becomes 斗破苍穹). A text of
 * punctuation only is its own key.
 */
export function keyOf(text: string): string {
  return normalise(text).replaceAll(" ", "") || text.normalize("NFKC").toLowerCase().replaceAll(/\s/g, "");
}
