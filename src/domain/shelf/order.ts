import type { Move } from "./moves.ts";

/**
 * An order as a list plus the changes since. A change costs as much as it names; the list is computed only when needed. The
 * states of one stream share `changes`, of which each uses its first `count`; only the latest state appends in place.
 */
export type Order = {
  readonly base: readonly string[];
  readonly changes: readonly Change[];
  readonly count: number;
  /** The number of ids that the changes name. */
  readonly named: number;
};

/** Moves of items, which may be new; or the id of a removed item. */
type Change = readonly Move[] | string;

export const emptyOrder: Order = orderOf([]);

/** An order of the items of `base`. */
export function orderOf(base: readonly string[]): Order {
  return { base, changes: [], count: 0, named: 0 };
}

/** The order after `moves`, whose items are in it or are new. Neighbours are items that do not move. */
export function moved(order: Order, moves: readonly Move[]): Order {
  return changed(
    order,
    moves,
    moves.reduce((named, { ids }) => named + ids.length, 0),
  );
}

/** The order without one of its items. */
export function removed(order: Order, id: string): Order {
  return changed(order, id, 1);
}

const lists = new WeakMap<Order, readonly string[]>();

/** The items in order. Computed once per state. */
export function listed(order: Order): readonly string[] {
  if (order.count === 0) return order.base;
  const known = lists.get(order);
  if (known !== undefined) return known;
  const list = apply(order);
  lists.set(order, list);
  return list;
}

/** As long as the changes name fewer ids than this, the list is not recomputed. */
const fewNamed = 1_000;

function changed(order: Order, change: Change, names: number): Order {
  const list = lists.get(order);
  const { base, changes, count, named } = list === undefined ? order : orderOf(list);
  const shared = count > 0 && changes.length === count ? (changes as Change[]) : changes.slice(0, count);
  shared.push(change);
  const next = { base, changes: shared, count: count + 1, named: named + names };
  return next.named > Math.max(fewNamed, base.length) ? orderOf(apply(next)) : next;
}

type Node = { readonly id: string; previous: Node; next: Node };

/** Up to this many moves, copying the list for each is faster than building a linked list. */
const maxCopiedMoves = 4;

function apply(order: Order): readonly string[] {
  let moves = 0;
  for (const change of order.changes.slice(0, order.count)) moves += typeof change === "string" ? 1 : change.length;
  return moves <= maxCopiedMoves ? applyFew(order) : applyMany(order);
}

function applyFew({ base, changes, count }: Order): readonly string[] {
  let list = base;
  for (const change of changes.slice(0, count)) {
    for (const { ids, after } of typeof change === "string" ? [] : change) list = placed(list, ids, after);
    if (typeof change === "string") list = list.filter((id) => id !== change);
  }
  return list;
}

function placed(list: readonly string[], ids: readonly string[], after: string | null): readonly string[] {
  const taken = new Set(ids);
  const left = list.filter((id) => !taken.has(id));
  const place = after === null ? 0 : left.indexOf(after) + 1;
  return [...left.slice(0, place), ...ids, ...left.slice(place)];
}

/** Applies the changes on a linked list, in time linear in the number of items and of named ids. */
function applyMany({ base, changes, count }: Order): readonly string[] {
  const head = { id: "" } as Node;
  head.previous = head.next = head;
  const nodes = new Map<string, Node>();
  const insert = (id: string, previous: Node) => {
    const node = { id, previous, next: previous.next };
    previous.next.previous = node;
    previous.next = node;
    nodes.set(id, node);
    return node;
  };
  const take = (id: string) => {
    const node = nodes.get(id);
    if (node === undefined) return;
    node.previous.next = node.next;
    node.next.previous = node.previous;
    nodes.delete(id);
  };

  let last = head;
  for (const id of base) last = insert(id, last);
  for (const change of changes.slice(0, count)) {
    if (typeof change === "string") take(change);
    else for (const move of change) place(move);
  }
  function place({ ids, after }: Move) {
    for (const id of ids) take(id);
    let previous = after === null ? head : (nodes.get(after) ?? head);
    for (const id of ids) previous = insert(id, previous);
  }
  const list: string[] = [];
  for (let node = head.next; node !== head; node = node.next) list.push(node.id);
  return list;
}
