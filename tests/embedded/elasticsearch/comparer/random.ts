import { mulberry32 } from "../../../support/random.ts";

/** Random choices determined by a seed. */
export type Random = {
  below(limit: number): number;
  pick<One>(choices: readonly One[]): One;
  chance(probability: number): boolean;
  /** A list of `least` to `most` items. */
  some<One>(least: number, most: number, make: () => One): One[];
};

export function createRandom(seed: number): Random {
  const next = mulberry32(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    pick: (choices) => choices[below(choices.length)]!,
    chance: (probability) => next() < probability,
    some: (least, most, make) => Array.from({ length: least + below(most - least + 1) }, make),
  };
}
