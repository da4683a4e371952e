import { isDeepStrictEqual } from "node:util";
import type { Past, PastBook, PastPlace } from "./past.ts";

/** A value before and after. */
export type Change<Value> = { readonly from: Value; readonly to: Value };

/** The differences between two pasts of a reader. */
export type PastDifference = {
  readonly from: string;
  readonly to: string;
  readonly shelf: {
    readonly added: readonly PastBook[];
    readonly removed: readonly PastBook[];
    /** Books on both shelves whose pin or group differs. */
    readonly changed: readonly ({ readonly bookId: string } & {
      readonly pinned?: Change<boolean>;
      readonly groupId?: Change<string | null>;
    })[];
    /** Whether the books that are on both shelves stand in another order. */
    readonly reordered: boolean;
    /** `from` is null for a new group, `to` for one that is gone; else its name changed. */
    readonly groups: readonly ({ readonly groupId: string } & Change<string | null>)[];
  };
  /** `from` is null for a book that was not read before. */
  readonly places: readonly ({ readonly bookId: string } & Change<PastPlace | null>)[];
  /** By field. */
  readonly preferences: Readonly<Record<string, Change<unknown>>>;
  readonly settings: Readonly<Record<string, Change<unknown>>>;
};

/** The differences from one past of a reader to another. */
export function differenceOf(before: Past, after: Past): PastDifference {
  return {
    from: before.asOf,
    to: after.asOf,
    shelf: shelfDifference(before.shelf, after.shelf),
    places: placesDifference(before.places, after.places),
    preferences: fieldsDifference(before.preferences, after.preferences),
    settings: fieldsDifference(before.settings, after.settings),
  };
}

/** Returns whether nothing differs. */
export function isSame({ shelf, places, preferences, settings }: PastDifference): boolean {
  const { added, removed, changed, reordered, groups } = shelf;
  const lists = [added, removed, changed, groups, places, Object.keys(preferences), Object.keys(settings)];
  return !reordered && lists.every(({ length }) => length === 0);
}

function shelfDifference(before: Past["shelf"], after: Past["shelf"]): PastDifference["shelf"] {
  const [earlier, later] = [byId(before.books), byId(after.books)];
  const both = after.books.filter(({ bookId }) => earlier.has(bookId));
  const changed = both.flatMap(({ bookId, pinned, groupId }) => {
    const old = earlier.get(bookId);
    if (old === undefined || (old.pinned === pinned && old.groupId === groupId)) return [];
    return [
      {
        bookId,
        ...(old.pinned !== pinned && { pinned: { from: old.pinned, to: pinned } }),
        ...(old.groupId !== groupId && { groupId: { from: old.groupId, to: groupId } }),
      },
    ];
  });
  const order = before.books.filter(({ bookId }) => later.has(bookId)).map(({ bookId }) => bookId);
  return {
    added: after.books.filter(({ bookId }) => !earlier.has(bookId)),
    removed: before.books.filter(({ bookId }) => !later.has(bookId)),
    changed,
    reordered: both.some(({ bookId }, index) => bookId !== order[index]),
    groups: groupsDifference(before.groups, after.groups),
  };
}

type Groups = Past["shelf"]["groups"];

function groupsDifference(before: Groups, after: Groups): PastDifference["shelf"]["groups"] {
  const names = (groups: Groups) => new Map(groups.map(({ groupId, name }) => [groupId, name]));
  const [earlier, later] = [names(before), names(after)];
  return [...new Set([...later.keys(), ...earlier.keys()])]
    .map((groupId) => ({ groupId, from: earlier.get(groupId) ?? null, to: later.get(groupId) ?? null }))
    .filter(({ from, to }) => from !== to);
}

function placesDifference(before: readonly PastPlace[], after: readonly PastPlace[]): PastDifference["places"] {
  const earlier = byId(before);
  const later = byId(after);
  return [...new Set([...later.keys(), ...earlier.keys()])]
    .map((bookId) => ({ bookId, from: earlier.get(bookId) ?? null, to: later.get(bookId) ?? null }))
    .filter(({ from, to }) => !isDeepStrictEqual(from, to));
}

function fieldsDifference(before: object, after: object): Readonly<Record<string, Change<unknown>>> {
  const fields = new Map<string, unknown>(Object.entries(before));
  const changed = Object.entries(after)
    .filter(([name, to]) => name !== "changedAt" && !isDeepStrictEqual(to, fields.get(name)))
    .map(([name, to]) => [name, { from: fields.get(name), to }] as const);
  return Object.fromEntries(changed);
}

function byId<Item extends { readonly bookId: string }>(items: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.bookId, item]));
}
