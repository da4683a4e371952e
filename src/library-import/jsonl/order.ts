import { listed } from "../account.ts";

/** A line of a file of texts, or more of it. */
type Numbered = { readonly index: number | undefined };

/** More repeated numbers than one, and than one in so many lines, mean that numbers begin again with each volume, or say nothing. */
const maxRepeated = 10;

/**
 * The lines of a book in the order of their `index`, if all have one, with warnings of repeated and missing numbers. Lines whose numbers begin
 * again, or of which only some have one, stay as they are.
 */
export function inOrder<Line extends Numbered>(
  lines: readonly Line[],
): {
  readonly lines: readonly Line[];
  readonly warnings: readonly string[];
} {
  const numbers = lines.flatMap(({ index }) => index ?? []);
  const isAscending = numbers.every((number, place) => place === 0 || number > numbers[place - 1]!);
  if (numbers.length < lines.length) {
    const warning = `${lines.length - numbers.length} lines have no index, and the others are not in its order: the chapters have the order of the lines`;
    return { lines, warnings: isAscending ? [] : [warning] };
  }
  const sorted = lines.toSorted((one, other) => one.index! - other.index!);
  const repeated = sorted.flatMap(({ index }, place) => (sorted[place - 1]?.index === index ? index! : []));
  if (repeated.length > Math.max(1, lines.length / maxRepeated)) {
    const warning = `the numbers of index begin again or repeat (${listed(repeated, { separator: ", " })}): the chapters have the order of the lines`;
    return { lines, warnings: [warning] };
  }
  return { lines: sorted, warnings: [...repeats(repeated), ...gaps(sorted)] };
}

function repeats(repeated: readonly number[]): readonly string[] {
  return repeated.length === 0
    ? []
    : [`lines repeat the index ${listed(repeated, { separator: ", " })}: all of them are chapters`];
}

/** Books begin with 0 or 1. Where more numbers are missing than there are, they are no numbers of chapters. */
function gaps(sorted: readonly Numbered[]): readonly string[] {
  const missing: string[] = [];
  let [count, before] = [0, 0];
  for (const { index = 0 } of sorted) {
    const more = index - before - 1;
    if (more > 0) missing.push(more === 1 ? `${before + 1}` : `${before + 1} to ${index - 1}`);
    count += Math.max(0, more);
    before = index;
  }
  return count === 0 || count > sorted.length ? [] : [`no line has the index ${listed(missing, { separator: ", " })}`];
}
