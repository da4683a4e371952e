import { compareTerms } from "./terms.ts";

/**
 * The terms of a field, each with the number that documents and postings store. A term stays when its documents are removed, so a
 * number means the same in every segment of the index.
 */
export class Dictionary {
  readonly terms: string[] = [];
  private readonly numbers = new Map<string, number>();
  private ordered: string[] = [];
  private orderedCount = 0;
  private ranked: Int32Array | undefined;

  add(term: string): number {
    let number = this.numbers.get(term);
    if (number === undefined) {
      number = this.terms.length;
      this.numbers.set(term, number);
      this.terms.push(term);
    }
    return number;
  }

  find(term: string): number | undefined {
    return this.numbers.get(term);
  }

  /** All terms in order; new ones since the last call are sorted and merged. */
  sorted(): readonly string[] {
    if (this.orderedCount < this.terms.length) {
      this.ordered = mergeSorted(this.ordered, this.terms.slice(this.orderedCount).sort(compareTerms));
      this.orderedCount = this.terms.length;
    }
    return this.ordered;
  }

  /** The rank of each term, by its number; the same array until a term is added. */
  ranks(): Int32Array {
    if (this.ranked?.length !== this.terms.length) {
      const ranks = new Int32Array(this.terms.length);
      for (const [rank, term] of this.sorted().entries()) ranks[this.numbers.get(term)!] = rank;
      this.ranked = ranks;
    }
    return this.ranked;
  }

  /** The terms with this prefix, in order. */
  withPrefix(prefix: string): readonly string[] {
    const all = this.sorted();
    const from = firstWhere(all, 0, (term) => compareTerms(term, prefix) >= 0);
    return all.slice(
      from,
      firstWhere(all, from, (term) => !term.startsWith(prefix)),
    );
  }
}

/** Binary search: the first index at which a test holds, which must then hold for all later ones. */
function firstWhere(terms: readonly string[], from: number, holds: (term: string) => boolean): number {
  let low = from;
  let high = terms.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(terms[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function mergeSorted(a: readonly string[], b: readonly string[]): string[] {
  if (a.length === 0) return [...b];
  const out: string[] = [];
  let at = 0;
  for (const term of b) {
    while (at < a.length && compareTerms(a[at]!, term) < 0) out.push(a[at++]!);
    out.push(term);
  }
  while (at < a.length) out.push(a[at++]!);
  return out;
}

/** The dictionaries of the fields of an index. */
export class Dictionaries {
  private readonly byField = new Map<string, Dictionary>();

  of(field: string): Dictionary {
    let dictionary = this.byField.get(field);
    if (dictionary === undefined) {
      dictionary = new Dictionary();
      this.byField.set(field, dictionary);
    }
    return dictionary;
  }
}
