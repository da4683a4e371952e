/** The state of the stream that an append expects; a number is the exact revision of its last event. */
export type ExpectedRevision = bigint | "no_stream" | "any" | "stream_exists";

/** What the decision needs to know about a stream. */
export type StreamFacts = {
  /** The revision of the last event; -1 if there never was one. */
  lastRevision: bigint;
  tombstoned: boolean;
  softDeleted: boolean;
  hasMetadata: boolean;
};

/** The ids that are known: among recent events (for `any` and `stream_exists`), and of the event at a revision (for exact expectations). */
export type KnownIds = {
  /** The revision at which the id was recently written to this stream. */
  recentRevision(id: Buffer): bigint | undefined;
  idAt(revision: bigint): Buffer | undefined;
};

export type AppendDecision =
  | { kind: "write" }
  /** A repeat of stored events; `lastRevision` is that of the last of them. */
  | { kind: "repeat"; lastRevision: bigint }
  | { kind: "wrong_expected_version"; current: bigint | undefined }
  | { kind: "stream_deleted" };

/** Decides an append as EventStoreDB does: the expectation first, then whether it repeats an earlier one. */
export function decideAppend(
  stream: StreamFacts,
  expected: ExpectedRevision,
  ids: readonly Buffer[],
  known: KnownIds,
): AppendDecision {
  const conflict: AppendDecision = {
    kind: "wrong_expected_version",
    current: stream.lastRevision < 0n ? undefined : stream.lastRevision,
  };
  if (stream.tombstoned) return { kind: "stream_deleted" };
  switch (expected) {
    case "stream_exists":
      if (stream.softDeleted) return { kind: "stream_deleted" };
      if (stream.lastRevision < 0n && !stream.hasMetadata) return conflict;
      return decideByIds(ids, known) ?? conflict;
    case "any":
      return decideByIds(ids, known) ?? conflict;
    default:
      return decideExact(stream, expected === "no_stream" ? -1n : expected, ids, known) ?? conflict;
  }
}

/** Without an exact revision only the ids show a repeat: all must be known for a repeat and none for a write; a mixture is neither. */
function decideByIds(ids: readonly Buffer[], known: KnownIds): AppendDecision | undefined {
  let last: bigint | undefined;
  for (const id of ids) {
    const revision = known.recentRevision(id);
    if (revision === undefined) return last === undefined ? { kind: "write" } : undefined;
    last = revision;
  }
  return last === undefined ? { kind: "write" } : { kind: "repeat", lastRevision: last };
}

function decideExact(
  stream: StreamFacts,
  expected: bigint,
  ids: readonly Buffer[],
  known: KnownIds,
): AppendDecision | undefined {
  if (expected === stream.lastRevision) return { kind: "write" };
  if (expected > stream.lastRevision || ids.length === 0) return undefined;
  const unequal = ids.findIndex((id, index) => !known.idAt(expected + 1n + BigInt(index))?.equals(id));
  if (unequal < 0) return { kind: "repeat", lastRevision: expected + BigInt(ids.length) };
  // A soft-deleted stream counts as no stream, but its revisions go on.
  if (unequal === 0 && expected === -1n && stream.softDeleted) return { kind: "write" };
  return undefined;
}
