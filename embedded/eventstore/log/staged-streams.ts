import type { StreamFacts } from "../semantics/expected-revision.ts";
import { describedStream, isSoftDeleted, type Retention, unlimited } from "../semantics/stream-metadata.ts";
import type { StoredEvent } from "../storage/record.ts";
import { lastRevision, type Streams } from "../streams/streams.ts";

/** The state of a stream after a group of writes, with the events that the group adds. */
export type StagedStream = {
  lastRevision: bigint;
  tombstoned: boolean;
  hasMetadata: boolean;
  retention: Retention;
  added: StoredEvent[];
};

export type StagedStreams = {
  stateOf(name: string): StagedStream;
  /** The stream's state, to be changed. */
  stage(name: string): StagedStream;
  /** What a decision about the stream needs to know. */
  factsOf(name: string): StreamFacts;
  /** Changes the settings of the stream from its metastream. */
  describe(name: string, hasMetadata: boolean, retention: Retention): void;
};

/** The committed streams, overlaid with changes that may still be discarded. */
export function stageStreams(streams: Streams): StagedStreams {
  const staged = new Map<string, StagedStream>();

  function stateOf(name: string): StagedStream {
    const own = staged.get(name);
    if (own) return own;
    const stream = streams.find(name);
    return {
      lastRevision: stream ? lastRevision(stream) : -1n,
      tombstoned: stream?.tombstone !== undefined,
      hasMetadata: stream?.hasMetadata ?? false,
      retention: stream?.retention ?? unlimited,
      added: [],
    };
  }

  function stage(name: string): StagedStream {
    const state = stateOf(name);
    staged.set(name, state);
    return state;
  }

  return {
    stateOf,
    stage,
    factsOf(name) {
      const state = stateOf(name);
      const described = describedStream(name);
      return {
        lastRevision: state.lastRevision,
        tombstoned: state.tombstoned || (described !== undefined && stateOf(described).tombstoned),
        softDeleted: isSoftDeleted(state.retention),
        hasMetadata: state.hasMetadata,
      };
    },
    describe(name, hasMetadata, retention) {
      Object.assign(stage(name), { hasMetadata, retention });
    },
  };
}
