/**
 * Calls `take` with each of the sorted terms that are within so many edits of `wanted`, and its distance (json/similar.ts). A term
 * shares the rows of the distance table with the previous one for their common prefix; if a row exceeds the edits, so does every
 * term with that prefix.
 */
export function eachNear(
  terms: readonly string[],
  wanted: string,
  edits: number,
  transpositions: boolean,
  take: (term: string, distance: number) => void,
): void {
  const goal = Array.from(wanted, (char) => char.codePointAt(0)!);
  const rows: Uint16Array[] = [Uint16Array.from({ length: goal.length + 1 }, (_, index) => index)];
  const begun: number[] = [];
  let dead = Number.POSITIVE_INFINITY;
  let valid = 0;
  for (const term of terms) {
    let depth = 0;
    let at = 0;
    while (at < term.length && depth < valid && term.codePointAt(at) === begun[depth]) {
      at += begun[depth]! > 0xffff ? 2 : 1;
      depth += 1;
    }
    if (depth >= dead) continue;
    dead = Number.POSITIVE_INFINITY;
    while (at < term.length && dead > depth) {
      const point = term.codePointAt(at)!;
      at += point > 0xffff ? 2 : 1;
      begun[depth] = point;
      depth += 1;
      rows[depth] ??= new Uint16Array(goal.length + 1);
      if (fillRow(rows, depth, begun, goal, transpositions) > edits) dead = depth;
    }
    valid = depth;
    const distance = rows[depth]![goal.length]!;
    if (dead > depth && distance <= edits) take(term, distance);
  }
}

/** Fills the row of the first `depth` characters; returns its minimum. */
function fillRow(
  rows: readonly Uint16Array[],
  depth: number,
  begun: readonly number[],
  goal: readonly number[],
  transpositions: boolean,
): number {
  const row = rows[depth]!;
  const last = rows[depth - 1]!;
  const char = begun[depth - 1]!;
  let least = depth;
  row[0] = depth;
  for (let j = 1; j <= goal.length; j++) {
    const cost = char === goal[j - 1] ? 0 : 1;
    let value = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
    if (transpositions && depth > 1 && j > 1 && char === goal[j - 2] && begun[depth - 2] === goal[j - 1]) {
      value = Math.min(value, rows[depth - 2]![j - 2]! + 1);
    }
    row[j] = value;
    if (value < least) least = value;
  }
  return least;
}
