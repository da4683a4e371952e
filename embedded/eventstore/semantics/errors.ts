/** An invalid request; the message explains it. */
export class InvalidRequest extends Error {}

/** A function of EventStoreDB that this server lacks. */
export class Unsupported extends Error {}

/** A read of $all from within a record: in this log no event begins there, so the position is from another log. */
export class InvalidPosition extends Error {}

/** A tombstone: the stream is permanently deleted. */
export class StreamDeleted extends Error {
  readonly stream: string;

  constructor(stream: string) {
    super(`Event stream '${stream}' is deleted.`);
    this.stream = stream;
  }
}
