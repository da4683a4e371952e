/**
 * Items that stand in this order right after the item `after`, first if it is null. `before` is the item that then follows, for
 * those who see only what an event names; null if none does, and in orders that listed what comes first without telling it.
 */
export type Move = { readonly ids: string[]; readonly after: string | null; readonly before: string | null };

/** How many orders may be told as moves before the next one lists all: ranks between neighbours grow until then. */
export const movesBeforeFullOrder = 200;

/**
 * The moves that turn the order `from` into `to`, a permutation of it, in the fewest bytes: as few items as can be named (those
 * outside a longest increasing subsequence), or all up to the last one whose place changes. Empty if nothing moves.
 */
export function movesTo(from: readonly string[], to: readonly string[]): readonly Move[] {
  const lastMoved = to.findLastIndex((id, place) => id !== from[place]);
  if (lastMoved < 0) return [];
  const first = [{ ids: to.slice(0, lastMoved + 1), after: null, before: to[lastMoved + 1] ?? null }];
  const fewest = runs(from, to);
  return charactersOf(fewest) < charactersOf(first) ? fewest : first;
}

/** The length of the moves as JSON, counted without making it. */
function charactersOf(moves: readonly Move[]): number {
  const quoted = (id: string | null) => (id === null ? 4 : id.length + 2);
  let characters = 1;
  for (const { ids, after, before } of moves) {
    characters += '{"ids":[],"after":,"before":},'.length - 1 + quoted(after) + quoted(before);
    for (const id of ids) characters += quoted(id) + 1;
  }
  return characters;
}

/** The whole order, told by one move. */
export function fullOrder(ids: readonly string[]): readonly Move[] {
  return [{ ids: [...ids], after: null, before: null }];
}

/** Whether the moves list each of `count` items, so that nothing of the order before remains. */
export function isFullOrder([move, ...others]: readonly Move[], count: number): boolean {
  return others.length === 0 && move !== undefined && move.after === null && move.ids.length === count;
}

/** Where new items come: first, so that nothing is named that they stand `after`, or last. Moving there needs no place between neighbours. */
export type Edge = "after" | "before";

/** Whether a place is told by neighbours, and not only by the edge where new items come. */
export function isBetween(moves: readonly Move[], edge: Edge): boolean {
  return moves.some((move) => move[edge] !== null);
}

/** The moves as far as their items are there; a move after an item that is not there is none. */
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
