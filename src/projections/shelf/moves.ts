import type { Move } from "../../domain/shelf/moves.ts";
import { type Place, placesAt, placesBetween } from "./places.ts";

/** The ids that the moves name: for each move the predecessor, the moved items and the successor, where they exist. */
export function neighboursAndMoved(moves: readonly Move[]): readonly string[] {
  return moves.flatMap(({ ids, after, before }) => [...namedOf(after), ...ids, ...namedOf(before)]);
}

/**
 * The rows of `neighboursAndMoved` with the moved ones in their new places; undefined for unchanged rows: neighbours, and items
 * moved between missing neighbours. Moves to the edge where new items are inserted need no neighbours.
 */
export function placedBetween<Row extends Place>(
  rows: readonly (Row | undefined)[],
  { position, data: { moves } }: { readonly position: bigint; readonly data: { readonly moves: readonly Move[] } },
  shown: "newest first" | "newest last",
): readonly (Row | undefined)[] {
  const placed: (Row | undefined)[] = [];
  for (const { ids, after, before } of moves) {
    const previous = after === null ? undefined : rows[placed.length];
    if (after !== null) placed.push(undefined);
    const moved = rows.slice(placed.length, placed.length + ids.length);
    const next = before === null ? undefined : rows[placed.length + ids.length];

    const descending = shown === "newest first";
    const places =
      (descending ? after : before) === null
        ? placesAt(position, ids.length)
        : placesBetween(...(descending ? ([next, previous] as const) : ([previous, next] as const)), ids.length);
    const inOrder = descending ? places.toReversed() : places;
    for (const [index, row] of moved.entries()) placed.push(row && inOrder[index] && { ...row, ...inOrder[index] });
    if (before !== null) placed.push(undefined);
  }
  return placed;
}

function namedOf(neighbour: string | null): readonly string[] {
  return neighbour === null ? [] : [neighbour];
}
