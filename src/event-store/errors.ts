/** The stream is not at the expected revision. `actual` is what the store named: its last revision, or none. */
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

/** Whether the append was written is not known: a time-out or a lost connection. Repeat it with the same ids. */
export class OutcomeUnknown extends Error {
  override readonly name = "OutcomeUnknown";
}

/** The store cannot be reached, for a read. */
export class EventStoreUnavailable extends Error {
  override readonly name = "EventStoreUnavailable";
}

/**
 * No event begins at the position that was read from, and the log goes on after it: the position is from another log. Asking again
 * does not help.
 */
export class InvalidPosition extends Error {
  override readonly name = "InvalidPosition";
}

/** The stream was tombstoned. */
export class StreamDeleted extends Error {
  override readonly name = "StreamDeleted";
}

/** The append is larger than the store takes (1 MiB). Nothing was written. */
export class AppendTooLarge extends Error {
  override readonly name = "AppendTooLarge";
}
