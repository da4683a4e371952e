/** The stream is not at the expected revision. `actual` is the store's: that of its last event, or none. */
export class WrongExpectedRevision extends Error {
  override readonly name = "WrongExpectedRevision";
  readonly stream: string;
  readonly actual: bigint | "no_stream";
  constructor(stream: string, actual: bigint | "no_stream") {
    super(`stream ${stream} is at ${actual}`);
    this.stream = stream;
    this.actual = actual;
  }
}

/** It is unknown whether the append was written: a time-out or a lost connection. Retry it with the same ids. */
export class OutcomeUnknown extends Error {
  override readonly name = "OutcomeUnknown";
}

/** The store cannot be reached, for a read. */
export class EventStoreUnavailable extends Error {
  override readonly name = "EventStoreUnavailable";
}

/**
 * No event begins at the start position of a read, although the log continues after it: the position is from another log.
 * Retrying does not help.
 */
export class InvalidPosition extends Error {
  override readonly name = "InvalidPosition";
}

/** The stream was tombstoned. */
export class StreamDeleted extends Error {
  override readonly name = "StreamDeleted";
}

/** The append exceeds the store's limit (1 MiB), or one event of it exceeds that of an event. Nothing was written. */
export class AppendTooLarge extends Error {
  override readonly name = "AppendTooLarge";
}
