/** Terms are ordered by their UTF-8 bytes, which is by code points. */
export function compareTerms(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const one = a.charCodeAt(at);
    const other = b.charCodeAt(at);
    // Surrogates sort after the other characters of the BMP.
    if (one !== other) return fixUp(one) - fixUp(other);
  }
  return a.length - b.length;
}

const fixUp = (unit: number) =>
  unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2000 : unit >= 0xe000 ? unit - 0x800 : unit;
