import { unseen } from "../unseen.ts";
import { escaped, gapPattern } from "./gap.ts";
import { longestSpelled, spellingsOf } from "./spellings.ts";
import { type Part, type Written, writtenParts } from "./writtenParts.ts";

/** The characters that a text may have between any two of the query; the zero-width space is one of them here. */
const between = `[${unseen}\u200b]*`;
/** Within a character with its marks, and before a gap: it has the zero-width space, and what two repetitions have is tried in every division. */
const within = `[${unseen}]*`;

/** By each character of the normalised query the parts that start there, the longest first. */
type Spelled = readonly (readonly Part[])[];

/**
 * A regular expression that finds a query in an original text, whether simplified or traditional, lower or upper case, half- or
 * full-width, as characters that stand for several (Ⅲ for iii), with or without invisible characters. It works in JavaScript (flags `gu`)
 * and in Postgres, so that no normalised copy of texts is needed and offsets refer to the original. Undefined if the query has nothing to
 * search for.
 */
export function textPattern(query: string): string | undefined {
  const written = writtenParts(query);
  const count = written.characters.length;
  if (count === 0) return undefined;
  const spelled = written.characters.map((_, from) => partsAt(written, from));
  let pattern = "";
  for (let from = 0; from < count; ) {
    let to = from + 1;
    // What follows a gap is in the same block: it is joined otherwise if the text has no gap there.
    for (let at = from; at < to; at++) to = Math.max(to, spelled[at]?.[0]?.to ?? 0, isGap(written, at) ? at + 2 : 0);
    pattern += blockPattern(written, spelled, { from, to });
    from = to;
  }
  return pattern;
}

/**
 * Makes what all patterns need, in a process that is to search. Otherwise the first pattern makes it, and blocks the event loop: 130 to
 * 220 ms of one core, measured in new processes.
 */
export function prepareTextPatterns(): void {
  longestSpelled();
  gapPattern();
}

/** The combinations of spellings of a block that are searched for, in characters of all together: 8 of a block of four. */
const maxWayCharacters = 32;

/**
 * A block of the query in the ways in which a text may have it: each character alone, as the query has it, and combinations of characters
 * that stand for several, the fewest first.
 */
function blockPattern(written: Written, spelled: Spelled, block: Part): string {
  const own = written.parts
    .flatMap((part) => (spellingsOf(textOf(written, part)).length > 0 ? [part] : alone(part)))
    .filter(({ from, to }) => from >= block.from && to <= block.to);
  const maxWays = Math.max(1, Math.floor(maxWayCharacters / (block.to - block.from)));
  const ways = [alone(block), own, ...firstWays(spelled, block, maxWays)];
  const patterns = [...new Set(ways.map((parts) => wayPattern(written, parts)))];
  return patterns.length === 1 ? patterns.join("") : `(?:${patterns.join("|")})`;
}

/** The first `max` ways through a block, those with the longest parts first. */
function firstWays(spelled: Spelled, { from, to }: Part, max: number): readonly (readonly Part[])[] {
  if (from === to) return [[]];
  const ways: (readonly Part[])[] = [];
  for (const part of spelled[from] ?? []) {
    if (ways.length < max) {
      const rest = firstWays(spelled, { from: part.to, to }, max - ways.length);
      ways.push(...rest.map((parts) => [part, ...parts]));
    }
  }
  return ways;
}

function alone({ from, to }: Part): readonly Part[] {
  return Array.from({ length: to - from }, (_, index) => ({ from: from + index, to: from + index + 1 }));
}

function wayPattern(written: Written, parts: readonly Part[]): string {
  let pattern = "";
  let isBehindGap = parts[0]?.from === 0;
  for (const part of parts) {
    const text = textOf(written, part);
    if (text === " ") pattern += within + gapPattern();
    else pattern += (isBehindGap ? "" : between) + partPattern(text);
    isBehindGap = text === " ";
  }
  return pattern;
}

function partPattern(text: string): string {
  return [...text].length === 1 ? characterPattern(text) : classOf(spellingsOf(text));
}

/** A letter with marks may be several characters of a text: é is also e and an accent. */
function characterPattern(character: string): string {
  const whole = classOf(spellingsOf(character));
  const decomposed = [...character.normalize("NFD")];
  const mark = decomposed.pop() ?? "";
  if (decomposed.length === 0 || !/^\p{M}$/u.test(mark)) return whole;
  const base = [...decomposed.join("").normalize("NFC")].map(characterPattern);
  return `(?:${whole}|${[...base, classOf(spellingsOf(mark))].join(within)})`;
}

function classOf(spellings: readonly string[]): string {
  return `[${spellings.map(escaped).join("")}]`;
}

/** The parts from `from` on that a character may stand for, the longest first; each character stands for itself. */
function partsAt(written: Written, from: number): readonly Part[] {
  const longest = Math.min(written.characters.length - from, longestSpelled());
  const parts = Array.from({ length: longest }, (_, index) => ({ from, to: from + longest - index }));
  return parts.filter((part) => part.to === from + 1 || spellingsOf(textOf(written, part)).length > 0);
}

function textOf({ characters }: Written, { from, to }: Part): string {
  return characters.slice(from, to).join("");
}

function isGap({ characters }: Written, at: number): boolean {
  return characters[at] === " ";
}
