/** ` did you mean [x]?` for a name that is close to known ones, else nothing: Lucene's LevenshteinDistance above 0.5. */
export function didYouMean(name: string, known: readonly string[]): string {
  const close = known
    .map((candidate) => ({ candidate, likeness: likeness(name, candidate) }))
    .filter(({ likeness }) => likeness > 0.5)
    .toSorted((a, b) => b.likeness - a.likeness || (a.candidate < b.candidate ? -1 : 1))
    .map(({ candidate }) => candidate);
  if (close.length === 0) return "";
  return close.length === 1 ? ` did you mean [${close[0]}]?` : ` did you mean any of [${close.join(", ")}]?`;
}

/** 1 minus the edit distance by the longer length. */
function likeness(a: string, b: string): number {
  return 1 - editDistance(a, b) / Math.max(a.length, b.length);
}

/** Levenshtein distance; with `transpositions` a swap of neighbours counts once. */
export function editDistance(a: string, b: string, transpositions = false): number {
  const one = [...a];
  const other = [...b];
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const cost = one[i - 1] === other[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (transpositions && swapped) row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[other.length]!;
}
