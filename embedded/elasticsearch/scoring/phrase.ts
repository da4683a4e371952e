type Word = { readonly positions: readonly number[]; readonly offset: number; readonly order: number; at: number };

/**
 * The frequency of a phrase with slop: each match counts 1 / (1 + its length), as Lucene's SloppyPhraseMatcher finds them.
 * Words that occur twice in the phrase never match at the same position.
 */
export function sloppyFrequency(
  lists: readonly (readonly number[])[],
  offsets: readonly number[],
  same: readonly number[],
  slop: number,
): number {
  const words: Word[] = lists.map((positions, index) => ({ positions, offset: offsets[index]!, order: index, at: 0 }));
  const where = (word: Word) => word.positions[word.at]! - word.offset;
  const less = (a: Word, b: Word) => where(a) - where(b) || a.offset - b.offset || a.order - b.order;
  const spread = () => (same.length === new Set(same).size ? true : separate(words, same));
  if (!spread()) return 0;

  let end = Math.max(...words.map(where));
  let queue = words.toSorted(less);
  const advance = (word: Word): boolean => {
    word.at += 1;
    if (word.at >= word.positions.length) return false;
    if (!keepApart(word, words, same)) return false;
    end = Math.max(end, ...words.map(where));
    return true;
  };

  let frequency = 0;
  for (;;) {
    const word = queue.shift()!;
    let length = end - where(word);
    let next = queue.length > 0 ? where(queue[0]!) : Number.POSITIVE_INFINITY;
    let more = true;
    let found = false;
    for (let current = word; ; ) {
      if (!advance(current)) {
        more = false;
        break;
      }
      queue = queue.toSorted(less);
      if (where(current) > next) {
        queue = [...queue, current].toSorted(less);
        if (length <= slop) {
          found = true;
          break;
        }
        current = queue.shift()!;
        next = queue.length > 0 ? where(queue[0]!) : Number.POSITIVE_INFINITY;
        length = end - where(current);
      } else {
        length = Math.min(length, end - where(current));
      }
    }
    if (found || (!more && length <= slop)) frequency += Math.fround(1 / (1 + length));
    if (!more) return Math.fround(frequency);
  }
}

/** Separates equal words that are at one position; false if there are not enough positions. */
function separate(words: readonly Word[], same: readonly number[]): boolean {
  return words.every((word) => keepApart(word, words, same));
}

/** Advances words until `word`, and each that had to move, is alone at its position (advanceRpts). */
function keepApart(word: Word, words: readonly Word[], same: readonly number[]): boolean {
  const place = (one: Word) => one.positions[one.at]!;
  for (let moved = word; ; ) {
    const other = words.find(
      (one) => one !== moved && same[one.order] === same[moved.order] && place(one) === place(moved),
    );
    if (other === undefined) return true;
    // The one that is last in the phrase advances, the lesser of two in Lucene; then it may collide with a third.
    if (other.offset > moved.offset) moved = other;
    moved.at += 1;
    if (moved.at >= moved.positions.length) return false;
  }
}
