import { blanks, unseen, withoutUnseen } from "../unseen.ts";
import { separators } from "./characterSets.ts";
import { foldCharacter } from "./characters.ts";

/** A character with its combining marks, and with invisible characters. */
const cluster = new RegExp(`[\\P{M}--[${unseen}]][\\p{M}${unseen}]*|[\\p{M}${unseen}]+`, "vy");

/** Separates words and is not searched. */
const separator = new RegExp(`^[${separators}]+$`, "v");

/** Whether a text, a character or more, separates words and is not searched itself. */
export function isSeparator(text: string): boolean {
  return separator.test(text.normalize("NFKC").toLowerCase());
}

/** A normalised text, and the start and end in the original of each of its UTF-16 units (in UTF-16 units). */
export type Normalised = {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
};

/**
 * The searchable form of a text: NFKC, lower case, traditional characters and variants folded to simplified ones, nothing in place of
 * invisible characters, and one space in place of punctuation. Projections and queries both use it. Empty if the text has only separators.
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

/**
 * The places in the original of the units of its normalised text from the unit `from` on, as far as they start less than `reach` units of
 * the original behind the first of them: of a long text only those that are shown.
 */
export function placesFrom(original: string, from: number, reach: number): Omit<Normalised, "text"> {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  walk(original, (part, start, end) => {
    if (start >= (starts[0] ?? Infinity) + reach) return false;
    for (let unit = 0; unit < part.length; unit++) {
      if (at++ < from) continue;
      starts.push(start);
      ends.push(end);
    }
    return true;
  });
  return { starts, ends };
}

/** Calls `add` for each part of the normalised text, in order, until it returns false. */
function walk(original: string, add: (part: string, start: number, end: number) => unknown): void {
  let isEmpty = true;
  let gap: { start: number; end: number } | undefined;
  for (let index = 0; index < original.length; ) {
    const isAlone = !mayCombine(original.charCodeAt(index)) && !mayCombine(original.charCodeAt(index + 1));
    const end = isAlone ? index + 1 : clusterEnd(original, index);
    const parts = isAlone ? partsOfUnit(original.charCodeAt(index)) : partsOf(original.slice(index, end));
    for (const part of parts) {
      if (part === undefined) {
        gap = { start: gap?.start ?? index, end };
        continue;
      }
      if (gap !== undefined && !isEmpty && add(" ", gap.start, gap.end) === false) return;
      gap = undefined;
      isEmpty = false;
      if (add(part, index, end) === false) return;
    }
    index = end;
  }
}

function clusterEnd(text: string, start: number): number {
  cluster.lastIndex = start;
  cluster.test(text);
  return cluster.lastIndex;
}

/** The characters of a cluster as they are searched; undefined for a separator. */
function partsOf(found: string): readonly (string | undefined)[] {
  return [...withoutUnseen(found).normalize("NFKC").toLowerCase()].map((character) =>
    separator.test(character) ? undefined : foldCharacter(character),
  );
}

/** Nearly all characters are one UTF-16 unit without marks; what becomes of each is kept. A list that grows by single places far apart is a slow one. */
const known = new Array<readonly (string | undefined)[] | undefined>(65_536);

function partsOfUnit(unit: number): readonly (string | undefined)[] {
  let parts = known[unit];
  if (parts === undefined) {
    parts = partsOf(String.fromCharCode(unit));
    known[unit] = parts;
  }
  return parts;
}

const mark = new RegExp(`^[\\p{M}${unseen}]$`, "v");
/** By UTF-16 unit: 1 if it may be part of a cluster of several units (a mark, a surrogate or unseen), 2 if not. */
const combining = new Uint8Array(65_536);

const softHyphen = 0xad;

/** NaN, behind the end of a text, does not. */
function mayCombine(unit: number): boolean {
  if ((unit < 0x300 && unit !== softHyphen) || Number.isNaN(unit)) return false;
  if (combining[unit] === 0) {
    const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
    combining[unit] = isSurrogate || mark.test(String.fromCharCode(unit)) ? 1 : 2;
  }
  return combining[unit] === 1;
}

const noInk = new RegExp(`[\\s${blanks}]`, "gv");

/**
 * The key by which titles, authors and whole queries are compared: normalised, without spaces (《斗破 苍穹》 becomes 斗破苍穹). A text of
 * punctuation only is its own key; one without ink has none.
 */
export function keyOf(text: string): string {
  return (
    normalise(text).replaceAll(" ", "") || withoutUnseen(text).normalize("NFKC").toLowerCase().replaceAll(noInk, "")
  );
}
