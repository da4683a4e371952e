import type { ExpectedRevision, StreamFacts } from "./expected-revision.ts";

export type DeleteDecision =
  | { kind: "delete" }
  | { kind: "wrong_expected_version"; current: bigint | undefined }
  | { kind: "stream_deleted" };

/**
 * Decides a delete as EventStoreDB does. A stream that never existed may be tombstoned; a soft delete requires events or metadata.
 */
export function decideDelete(stream: StreamFacts, expected: ExpectedRevision, tombstone: boolean): DeleteDecision {
  if (stream.tombstoned) return { kind: "stream_deleted" };
  const exists = stream.lastRevision >= 0n || stream.hasMetadata;
  const conflict: DeleteDecision = {
    kind: "wrong_expected_version",
    current: stream.lastRevision < 0n ? undefined : stream.lastRevision,
  };
  switch (expected) {
    case "stream_exists":
      if (stream.softDeleted) return { kind: "stream_deleted" };
      return exists ? { kind: "delete" } : conflict;
    case "any":
      return exists || tombstone ? { kind: "delete" } : conflict;
    case "no_stream":
      if (stream.softDeleted) return { kind: "delete" };
      return stream.lastRevision < 0n && (exists || tombstone) ? { kind: "delete" } : conflict;
    default:
      return expected === stream.lastRevision ? { kind: "delete" } : conflict;
  }
}
