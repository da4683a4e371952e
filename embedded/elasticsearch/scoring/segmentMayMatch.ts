import type { Snapshot } from "../index/snapshot.ts";
import type { Query } from "./query.ts";

/**
 * Whether Lucene looks through a segment for a rewritten query: what its clauses require occurs there, though perhaps in no document
 * together, or in deleted ones (Weight.scorerSupplier). `segment` is a snapshot of that segment alone.
 */
export function segmentMayMatch(query: Query, segment: Snapshot): boolean {
  const may = (one: Query) => segmentMayMatch(one, segment);
  const occurs = (field: string) => (term: string) => segment.docFreq(field, term) > 0;
  switch (query.k) {
    case "all":
      return true;
    case "none":
      return false;
    case "term":
      return query.terms.some(occurs(query.field));
    case "blended":
      return occurs(query.field)(query.term);
    case "phrase":
      return query.parts.every(({ terms }) => terms.some(occurs(query.field)));
    case "set":
      return query.docs(segment).length > 0;
    case "constant":
    case "boost":
    case "rescore":
      return may(query.query);
    case "dismax":
      return query.queries.some(may);
    case "bool": {
      const required = [...query.must, ...query.filter];
      const least = Math.max(query.minimum, required.length === 0 ? 1 : 0);
      return required.every(may) && query.should.filter(may).length >= least;
    }
  }
}
