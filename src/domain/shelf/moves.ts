/**
 * Items that in this order directly follow the item `after`, or come first if it is null. `before` is the item after them, for
 * consumers that see only the items an event names; null if there is none, and in version 1 orders, which did not record it.
 */
export type Move = { readonly ids: string[]; readonly after: string | null; readonly before: string | null };

/** After this many orders recorded as moves the next one is recorded in full: ranks between neighbours grow until then. */
export const movesBeforeFullOrder = 200;

/**
 * The moves that turn the order `from` into `to`, a permutation of it, in the fewest bytes: either the items outside a longest
 * increasing subsequence, or all items up to the last changed place. Empty if nothing moves.
 */
export function movesTo(from: readonly string[], to: readonly string[]): readonly Move[] {
  const lastMoved = to.findLastIndex((id, place) => id !== from[place]);
  if (lastMoved < 0) return [];
  const first = [{ ids: to.slice(0, lastMoved + 1), after: null, before: to[lastMoved + 1] ?? null }];
  const fewest = runs(from, to);
  return charactersOf(fewest) < charactersOf(first) ? fewest : first;
}

/** The length of the moves as JSON, computed without serialising. */
function charactersOf(moves: readonly Move[]): number {
  const quoted = (id: string | null) => (id === null ? 4 : id.length + 2);
  let characters = 1;
  for (const { ids, after, before } of moves) {
    characters += '{"ids":[],"after":,"before":},'.length - 1 + quoted(after) + quoted(before);
    for (const id of ids) characters += quoted(id) + 1;
  }
  return characters;
}

/** The whole order as one move. */
export function fullOrder(ids: readonly string[]): readonly Move[] {
  return [{ ids: [...ids], after: null, before: null }];
}

/** Returns whether the moves list all `count` items, so that nothing of the previous order remains. */
export function isFullOrder([move, ...others]: readonly Move[], count: number): boolean {
  return others.length === 0 && move !== undefined && move.after === null && move.ids.length === count;
}

/** Where new items are inserted: first (nothing to be `after`) or last. A move there needs no rank between neighbours. */
export type Edge = "after" | "before";

/** Returns whether any move is placed by neighbours rather than only by the edge where new items are inserted. */
export function isBetween(moves: readonly Move[], edge: Edge): boolean {
  return moves.some((move) => move[edge] !== null);
}

/** The moves restricted to existing items; a move after a missing item is dropped. */
export function knownMoves(moves: readonly Move[], there: { has(id: string): boolean }): readonly Move[] {
  return moves
    .filter(({ after }) => after === null || there.has(after))
    .map((move) =>
      move.ids.every((id) => there.has(id)) ? move : { ...move, ids: move.ids.filter((id) => there.has(id)) },
    );
}

function runs(from: readonly string[], to: readonly string[]): readonly Move[] {
  const places = new Map(from.map((id, place) => [id, place]));
  const still = longestIncreasing(to.map((id) => places.get(id) ?? 0));
  const moves: Move[] = [];
  for (let start = 0; start < to.length; ) {
    let end = start;
    while (end < to.length && !still.has(end)) end++;
    if (end > start) moves.push({ ids: to.slice(start, end), after: to[start - 1] ?? null, before: to[end] ?? null });
    start = end + 1;
  }
  return moves;
}

/** The indexes of a longest increasing subsequence of distinct numbers, by patience sorting: n log n. */
function longestIncreasing(numbers: readonly number[]): ReadonlySet<number> {
  const ends: number[] = [];
  const previous: (number | undefined)[] = [];
  for (const [index, number] of numbers.entries()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[ends[middle] as number] as number) < number) low = middle + 1;
      else high = middle;
    }
    previous.push(ends[low - 1]);
    ends[low] = index;
  }
  const found = new Set<number>();
  for (let index = ends.at(-1); index !== undefined; index = previous[index]) found.add(index);
  return found;
}
