import { Bits } from "../index/bits.ts";
import type { Snapshot } from "../index/snapshot.ts";
import { Accumulator } from "./accumulator.ts";
import { execute } from "./execute.ts";
import { type Docs, intersect, noDocs, without } from "./matches.ts";
import { phraseDocs } from "./phraseMatches.ts";
import type { Bool, Query } from "./query.ts";
import { termDocs } from "./terms.ts";

/** The documents of a query, without their scores. */
export function documents(query: Query, snapshot: Snapshot): Docs {
  switch (query.k) {
    case "all":
      return liveDocs(snapshot);
    case "none":
      return noDocs;
    case "set":
      return query.docs(snapshot);
    case "term":
      return termDocs(query.field, query.terms, snapshot);
    case "blended":
      return termDocs(query.field, [query.term], snapshot);
    case "phrase":
      return phraseDocs(query, snapshot);
    case "constant":
    case "boost":
      return documents(query.query, snapshot);
    case "dismax":
      return union(
        query.queries.map((one) => documents(one, snapshot)),
        snapshot,
      );
    case "bool":
      return bool(query, snapshot);
    case "rescore":
      return execute(query, snapshot).docs;
  }
}

export function liveDocs({ leaves, liveCount }: Snapshot): Docs {
  const docs = new Int32Array(liveCount);
  let count = 0;
  for (const { segment, base, live } of leaves) {
    for (let doc = 0; doc < segment.docs.length; doc++)
      if (live === undefined || live.has(doc)) docs[count++] = base + doc;
  }
  return docs;
}

/** The documents of any of the lists. */
export function union(lists: readonly Docs[], { maxDoc }: Snapshot): Docs {
  const some = lists.filter(({ length }) => length > 0);
  if (some.length <= 1) return some[0] ?? noDocs;
  const bits = new Bits(maxDoc);
  for (const docs of some) for (let at = 0; at < docs.length; at++) bits.add(docs[at]!);
  return bits.docs();
}

/** The documents of at least so many of the lists. */
function atLeast(least: number, lists: readonly Docs[], snapshot: Snapshot): Docs {
  if (least <= 1) return union(lists, snapshot);
  return Accumulator.use(snapshot.maxDoc, (counts) => {
    for (const docs of lists) for (let at = 0; at < docs.length; at++) counts.add(docs[at]!, 0);
    return counts.docs(least);
  });
}

function bool({ must, filter, should, not, minimum }: Bool, snapshot: Snapshot): Docs {
  let docs: Docs | undefined;
  const narrow = (list: Docs) => {
    docs = docs === undefined ? list : intersect(docs, list);
    return docs.length > 0;
  };
  for (const one of [...filter, ...must]) if (!narrow(documents(one, snapshot))) return noDocs;
  const least = Math.max(minimum, must.length + filter.length === 0 ? 1 : 0);
  if (least > 0) {
    const lists = should.map((one) => documents(one, snapshot));
    if (!narrow(atLeast(least, lists, snapshot))) return noDocs;
  }
  for (const one of not) docs = without(docs!, documents(one, snapshot));
  return docs ?? noDocs;
}
