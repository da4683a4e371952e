import { normaliseWithPlaces } from "./normalise.ts";

/** A part of a normalised text, by its characters (code points). */
export type Part = { readonly from: number; readonly to: number };

/** The characters of a normalised text, and the parts that are each a character of the original with its marks, or a gap between two. */
export type Written = { readonly characters: readonly string[]; readonly parts: readonly Part[] };

type Placed = Part & { readonly start: number; readonly end: number; readonly isGap: boolean };

/** Normalises a text, and tells which of its characters become several: ℃ a space and c, unless a separator is before it. */
export function writtenParts(original: string): Written {
  const { text, starts, ends } = normaliseWithPlaces(original);
  const characters = [...text];
  const placed: Placed[] = [];
  let unit = 0;
  for (const [from, character] of characters.entries()) {
    const [start = 0, end = 0] = [starts[unit], ends[unit]];
    const last = placed.at(-1);
    const isGap = character === " ";
    if (last?.start === start && last.end === end) {
      placed[placed.length - 1] = { ...last, to: from + 1, isGap: last.isGap && isGap };
    } else placed.push({ from, to: from + 1, start, end, isGap });
    unit += character.length;
  }
  // Between ㈱㈲ is a gap of the normalised text, to which both belong, and no character of the original.
  const parts = placed.filter(({ isGap }, at) => !isGap || placed[at - 1]?.end !== placed[at + 1]?.start);
  return { characters, parts };
}
