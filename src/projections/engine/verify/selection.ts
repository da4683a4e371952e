import { hash } from "node:crypto";
import { partitionOf } from "../core/partition.ts";

/** What is folded together and given up together: a slot of keys, or one key. */
export type Part = number | string;

/** The partition keys that one pass over the log looks at. */
export type Selection = {
  /** The part that a key belongs to; undefined: this pass does not look at it. */
  partOf(key: string): Part | undefined;
  /** The same of a key that was met in the log, or in a row: it may be taken in, in place of another. */
  offer(key: string): Part | undefined;
  /** Gives a part of the keys up, if there is more than one, for they have more rows than memory may hold. */
  narrow(): void;
  /** The parts that were given up since this was asked last. */
  takeGivenUp(): readonly Part[];
  /** The keys by name, where there are few. */
  keys(): readonly string[] | undefined;
};

/** Keys are told apart by a hash in so many slots: the finest cut of a pass. */
export const slots = 1_024;

/** The keys of the slots from `from` up to `to`, which `narrow` brings nearer. */
export function selectSlots(from: number, to: number): Selection & { readonly to: () => number } {
  let end = to;
  let givenUp: Part[] = [];
  const partOf = (key: string) => {
    const slot = partitionOf(key, slots);
    return slot >= from && slot < end ? slot : undefined;
  };
  return {
    partOf,
    offer: partOf,
    narrow() {
      const nearer = from + Math.max(1, Math.floor((end - from) / 2));
      for (let slot = nearer; slot < end; slot++) givenUp.push(slot);
      end = nearer;
    },
    takeGivenUp() {
      const taken = givenUp;
      givenUp = [];
      return taken;
    },
    keys: () => undefined,
    to: () => end,
  };
}

export function selectKeys(keys: readonly string[]): Selection {
  const selected = new Set(keys);
  const partOf = (key: string) => (selected.has(key) ? key : undefined);
  return {
    partOf,
    offer: partOf,
    narrow() {},
    takeGivenUp: () => [],
    keys: () => keys,
  };
}

/**
 * The `size` keys with the lowest hashes of those that were offered: the same ones for the same seed, in whatever
 * order they come. A key that once fell out never comes back, so one that is in has been since it was first met.
 */
export function selectSample(size: number, seed: string): Selection {
  const chosen: { key: string; rank: string }[] = [];
  const members = new Set<string>();
  let givenUp: Part[] = [];
  const placeOf = (rank: string): number => {
    let low = 0;
    let high = chosen.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((chosen[middle]?.rank ?? "") < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    partOf: (key) => (members.has(key) ? key : undefined),
    offer(key) {
      if (members.has(key)) return key;
      const rank = hash("sha256", JSON.stringify([seed, key]), "hex");
      const place = placeOf(rank);
      if (place >= size) return undefined;
      chosen.splice(place, 0, { key, rank });
      members.add(key);
      if (chosen.length > size) {
        const last = chosen.pop();
        if (last !== undefined) {
          members.delete(last.key);
          givenUp.push(last.key);
        }
      }
      return key;
    },
    narrow() {},
    takeGivenUp() {
      const taken = givenUp;
      givenUp = [];
      return taken;
    },
    keys: () => [...members],
  };
}
