/** A request that makes no sense, with a sentence that helps whoever sent it. */
export class InvalidRequest extends Error {}

/** A function of the real server that this one lacks. */
export class Unsupported extends Error {}

/** A read of $all from within a record: in this log no event begins there, so the position is from another one. */
export class InvalidPosition extends Error {}

/** A tombstone: the stream is gone for ever. */
export class StreamDeleted extends Error {
  readonly stream: string;

  constructor(stream: string) {
    super(`Event stream '${stream}' is deleted.`);
    this.stream = stream;
  }
}
