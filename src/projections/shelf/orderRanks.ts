/** Where a row is in an order: by position, then by rank in byte order (`COLLATE "C"`). */
export type OrderKey = { readonly order_position: bigint; readonly order_rank: string };

/** The digits of a rank in byte order. A rank is a fraction between 0 and 1 that does not end in 0. */
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The rank of a row that is alone at its position. */
export const middleRank = rankBetween("", undefined);

/** `count` keys at a new position, ascending. */
export function orderKeysAt(position: bigint, count: number): readonly OrderKey[] {
  return ranksBetween("", undefined, count).map((rank) => ({ order_position: position, order_rank: rank }));
}

/**
 * `count` keys between two others, ascending; undefined is before or after all. Empty if `low` is not below `high`, or if
 * both are undefined. A rank grows by one digit for some six orders between the same two neighbours.
 */
export function orderKeysBetween(
  low: OrderKey | undefined,
  high: OrderKey | undefined,
  count: number,
): readonly OrderKey[] {
  const at = low ?? high;
  if (at === undefined || (low && high && !isBelow(low, high))) return [];
  const { order_position } = at;
  const upper = high?.order_position === order_position ? high.order_rank : undefined;
  const ranks = ranksBetween(low?.order_rank ?? "", upper, count);
  return ranks.map((order_rank) => ({ order_position, order_rank }));
}

function isBelow(a: OrderKey, b: OrderKey): boolean {
  return a.order_position === b.order_position ? a.order_rank < b.order_rank : a.order_position < b.order_position;
}

/** Halves the interval, and the halves again, so that many ranks are hardly longer than one. */
function ranksBetween(low: string, high: string | undefined, count: number): readonly string[] {
  if (count === 0) return [];
  const middle = rankBetween(low, high);
  const below = (count - 1) >> 1;
  return [...ranksBetween(low, middle, below), middle, ...ranksBetween(middle, high, count - 1 - below)];
}

/** A short rank between two others; `high` undefined is 1. */
function rankBetween(low: string, high: string | undefined): string {
  let rank = "";
  let upper = high;
  for (let index = 0; ; index++) {
    const lowDigit = digits.indexOf(low[index] ?? "0");
    const highDigit = upper === undefined ? digits.length : digits.indexOf(upper[index] ?? "0");
    if (highDigit - lowDigit > 1) return rank + digits[(lowDigit + highDigit) >> 1];
    rank += digits[lowDigit];
    if (highDigit > lowDigit) upper = undefined;
  }
}
