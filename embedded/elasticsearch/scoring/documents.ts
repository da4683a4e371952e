import { Bits } from "../index/bits.ts";
import type { Snapshot } from "../index/snapshot.ts";
import { Accumulator } from "./accumulator.ts";
import { type Docs, noDocs } from "./matches.ts";

export function liveDocs({ leaves, liveCount }: Snapshot): Docs {
  const docs = new Int32Array(liveCount);
  let count = 0;
  for (const { segment, base, live } of leaves) {
    for (let doc = 0; doc < segment.docs.length; doc++)
      if (live === undefined || live.has(doc)) docs[count++] = base + doc;
  }
  return docs;
}

/** The union of the lists. */
export function union(lists: readonly Docs[], { maxDoc }: Snapshot): Docs {
  const some = lists.filter(({ length }) => length > 0);
  if (some.length <= 1) return some[0] ?? noDocs;
  const bits = new Bits(maxDoc);
  for (const docs of some) for (let at = 0; at < docs.length; at++) bits.add(docs[at]!);
  return bits.docs();
}

/** The documents in at least `least` of the lists. */
export function atLeast(least: number, lists: readonly Docs[], snapshot: Snapshot): Docs {
  if (least <= 1) return union(lists, snapshot);
  return Accumulator.use(snapshot.maxDoc, (counts) => {
    for (const docs of lists) for (let at = 0; at < docs.length; at++) counts.add(docs[at]!, 0);
    return counts.docs(least);
  });
}
