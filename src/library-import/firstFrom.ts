/** The index of the first that stands on `line` or below, of some in the order of their lines; by halving. */
export function firstFrom(found: readonly { readonly line: number }[], line: number): number {
  let low = 0;
  let high = found.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (found[middle]!.line < line) low = middle + 1;
    else high = middle;
  }
  return low;
}
