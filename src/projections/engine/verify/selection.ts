import { hash } from "node:crypto";
import { partitionOf } from "../core/partition.ts";

/** The unit in which keys are folded and dropped: a slot of keys, or one key. */
export type Part = number | string;

/** The partition keys that one pass over the log covers. */
export type Selection = {
  /** The part of a key; undefined: not covered by this pass. */
  partOf(key: string): Part | undefined;
  /** The same for a key found in the log or in a row: it may be added, replacing another. */
  offer(key: string): Part | undefined;
  /** Drops part of the keys, if there is more than one part, to limit memory. */
  narrow(): void;
  /** The parts dropped since the last call. */
  takeGivenUp(): readonly Part[];
  /** The keys by name, if there are few. */
  keys(): readonly string[] | undefined;
};

/** Keys are hashed into this many slots, the smallest unit of a pass. */
export const slots = 1_024;

/** The keys in the slots `from` to `to`; `narrow` lowers `to`. */
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
 * The `size` keys with the lowest hashes among those offered: the same for the same seed, in any order of offers. A key that
 * was dropped never returns, so a selected key has been selected since it was first offered.
 */
export function selectSample(size: number, seed: string): Selection {
  const chosen: { key: string; rank: string }[] = [];
  const members = new Set<string>();
  let givenUp: Part[] = [];
  const indexOf = (rank: string): number => {
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
      const index = indexOf(rank);
      if (index >= size) return undefined;
      chosen.splice(index, 0, { key, rank });
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
