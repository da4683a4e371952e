import type { Move } from "../../domain/shelf/moves.ts";
import { type OrderKey, orderKeysAt, orderKeysBetween } from "./orderRanks.ts";

/** The ids that the moves name: for each move the predecessor, the moved items and the successor, where they exist. */
export function neighboursAndMoved(moves: readonly Move[]): readonly string[] {
  return moves.flatMap(({ ids, after, before }) => [...namedOf(after), ...ids, ...namedOf(before)]);
}

/**
 * The rows of `neighboursAndMoved` with the moved ones in their new order; undefined for unchanged rows: neighbours, and items
 * moved between missing neighbours. Moves to the edge where new items are inserted need no neighbours.
 */
export function movedBetween<Row extends OrderKey>(
  rows: readonly (Row | undefined)[],
  { position, data: { moves } }: { readonly position: bigint; readonly data: { readonly moves: readonly Move[] } },
  shown: "newest first" | "newest last",
): readonly (Row | undefined)[] {
  const result: (Row | undefined)[] = [];
  for (const { ids, after, before } of moves) {
    const previous = after === null ? undefined : rows[result.length];
    if (after !== null) result.push(undefined);
    const moved = rows.slice(result.length, result.length + ids.length);
    const next = before === null ? undefined : rows[result.length + ids.length];

    const descending = shown === "newest first";
    const keys =
      (descending ? after : before) === null
        ? orderKeysAt(position, ids.length)
        : orderKeysBetween(...(descending ? ([next, previous] as const) : ([previous, next] as const)), ids.length);
    const inOrder = descending ? keys.toReversed() : keys;
    for (const [index, row] of moved.entries()) result.push(row && inOrder[index] && { ...row, ...inOrder[index] });
    if (before !== null) result.push(undefined);
  }
  return result;
}

function namedOf(neighbour: string | null): readonly string[] {
  return neighbour === null ? [] : [neighbour];
}
