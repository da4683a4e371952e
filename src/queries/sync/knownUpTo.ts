import type { ChangedKind } from "../../domain/sync/changedKinds.ts";

/** The read models that a reader's changes are read from. */
export const readModelsOfChanges = ["changes", "shelf", "places", "history", "preferences"] as const;
type ReadModelOfChanges = (typeof readModelsOfChanges)[number];

/** The read model that has the current values of each kind. */
const readModelOfKind = {
  book: "shelf",
  group: "shelf",
  place: "places",
  history: "history",
  preferences: "preferences",
  settings: "preferences",
} as const satisfies Record<ChangedKind, ReadModelOfChanges>;

/**
 * The log position up to which rows that are read now show all of a reader's changes, with values at least as new; never before
 * `after`, up to which it is known already. `applied` are the positions that the read models had reached before;
 * `latest` is the position of the last change of each kind after `after`, read later than `applied`.
 *
 * `changes` tells of every event that changes a value. So a read model that has come to the last change of its kinds lacks
 * nothing up to where `changes` is, however old its own checkpoint: a quiet build advances only after thousands of events of others.
 */
export function knownUpTo(
  after: bigint,
  applied: { get(readModel: ReadModelOfChanges): { readonly position: bigint } | undefined },
  latest: ReadonlyMap<ChangedKind, bigint>,
): bigint {
  let known = applied.get("changes")?.position ?? after;
  for (const [kind, position] of latest) {
    const reached = applied.get(readModelOfKind[kind])?.position ?? after;
    if (position > reached && reached < known) known = reached;
  }
  return known > after ? known : after;
}
