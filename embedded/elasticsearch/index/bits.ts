/** A set of document numbers below `size`. */
export class Bits {
  readonly words: Uint32Array;

  constructor(size: number) {
    this.words = new Uint32Array((size + 31) >>> 5);
  }

  static of(docs: ArrayLike<number>, size: number): Bits {
    const bits = new Bits(size);
    for (let at = 0; at < docs.length; at++) bits.add(docs[at]!);
    return bits;
  }

  add(doc: number): void {
    this.words[doc >>> 5]! |= 1 << (doc & 31);
  }

  has(doc: number): boolean {
    return (this.words[doc >>> 5]! & (1 << (doc & 31))) !== 0;
  }

  remove(doc: number): void {
    this.words[doc >>> 5]! &= ~(1 << (doc & 31));
  }

  count(): number {
    let sum = 0;
    for (let word of this.words) {
      word -= (word >>> 1) & 0x55555555;
      word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
      sum += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    return sum;
  }

  /** The documents in order. */
  docs(): Int32Array {
    const docs = new Int32Array(this.count());
    let next = 0;
    for (let index = 0; index < this.words.length; index++) {
      let word = this.words[index]!;
      while (word !== 0) {
        const lowest = word & -word;
        docs[next++] = (index << 5) + 31 - Math.clz32(lowest);
        word ^= lowest;
      }
    }
    return docs;
  }
}
