import type { Candidate } from "./candidates.ts";

export type Sequence = { readonly chosen: readonly Candidate[]; readonly score: number };

/** The number of candidates back that are considered as the one before: this many false ones in a row are passed over. */
const reach = 200;

/**
 * The run of candidates that explains the file best: the sum of their weights and of what their numbers say of each step
 * is the highest. A number that follows is worth 1, a gap little, a number that goes back costs unless a new volume begins
 * in between (`volumes`, lines in order). With `strict`, for forms that lists in the body have too, numbers only rise by one
 * or a few, or begin again after a volume.
 */
export function bestSequence(candidates: readonly Candidate[], volumes: readonly number[], strict: boolean): Sequence {
  const scores = new Float64Array(candidates.length);
  /** The highest score of each candidate and those before it. */
  const highest = new Float64Array(candidates.length);
  const previous = new Int32Array(candidates.length).fill(-1);
  const volumesBefore = countBefore(candidates, volumes);
  let last = -1;
  for (let index = 0; index < candidates.length; index += 1) {
    const next = candidates[index]!;
    let best = startWorth(next.number, strict);
    for (let back = index - 1; back >= 0 && back >= index - reach; back -= 1) {
      // No earlier one can be better.
      if (highest[back]! + maxGainOfStep <= best) break;
      const before = candidates[back]!;
      if (before.line === next.line) continue;
      const step = stepWorth(before, next, volumesBefore[index]! > volumesBefore[back]!, strict);
      if (scores[back]! + step > best) {
        best = scores[back]! + step;
        previous[index] = back;
      }
    }
    scores[index] = best + next.weight;
    highest[index] = index === 0 ? scores[index]! : Math.max(highest[index - 1]!, scores[index]!);
    if (last < 0 || scores[index]! > scores[last]!) last = index;
  }
  const chosen: Candidate[] = [];
  for (let index = last; index >= 0; index = previous[index]!) chosen.push(candidates[index]!);
  return { chosen: chosen.reverse(), score: last < 0 ? 0 : scores[last]! };
}

/** A file begins with chapter 1 or, if it is a part, with another. */
function startWorth(number: number, strict: boolean): number {
  if (number <= 1) return 1;
  return strict && number > 3 ? -10 : -0.5;
}

/** The most that `stepWorth` gives. */
const maxGainOfStep = 1;

function stepWorth(before: Candidate, next: Candidate, newVolume: boolean, strict: boolean): number {
  const step = next.number - before.number;
  if (step === 1) return 1;
  if (newVolume || (next.before !== undefined && next.before !== before.before)) return next.number <= 1 ? 0.9 : -0.3;
  if (strict) return step > 1 && step <= 3 ? -1.5 : -10;
  if (step > 1) return step < 10 ? 0.3 : -0.8;
  if (step === 0) return before.weight >= 2 && next.weight >= 2 ? -0.2 : -2.5;
  return next.number <= 1 ? -0.4 : -1.2;
}

/** For each candidate how many of `lines` stand before it. */
function countBefore(candidates: readonly Candidate[], lines: readonly number[]): Int32Array {
  let passed = 0;
  return Int32Array.from(candidates, ({ line }) => {
    while (passed < lines.length && lines[passed]! <= line) passed += 1;
    return passed;
  });
}
