/** Random choices that a seed decides (mulberry32). */
export type Random = {
  below(limit: number): number;
  pick<One>(choices: readonly One[]): One;
  chance(probability: number): boolean;
  /** `least` to `most` of what is made. */
  some<One>(least: number, most: number, make: () => One): One[];
};

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    pick: (choices) => choices[below(choices.length)]!,
    chance: (probability) => next() < probability,
    some: (least, most, make) => Array.from({ length: least + below(most - least + 1) }, make),
  };
}
