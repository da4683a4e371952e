/** The header of a gRPC message: whether it is compressed (no), and its length. */
const headerLength = 5;

/** Bytes that are buffered while a write is under way; then senders wait. */
const maxGathered = 32 * 1024;

/** The part of a call's stream that is used here. */
type Written = { write(message: Buffer, callback: () => void): boolean };

/** Messages to one call. Those of one turn of the event loop, and those sent while a write is under way, are written together. */
export type GatheredWrites = {
  /** Sends a message; returns a promise if the buffer is full, resolved when it has room for the next one. */
  send(message: Buffer): Promise<void> | undefined;
  /** Flushes the buffer before the call ends. */
  flush(): void;
  /** Drops the buffer: the call is over. */
  stop(): void;
};

/** If gRPC once framed differently from what `framedTogether` needs, messages are sent one by one. */
let together = true;

/** grpc-js takes one message at a time from its stream, with a frame and a system call for each, and waits for its completion. */
export function gatheredWrites(call: Written): GatheredWrites {
  let gathered: Buffer[] = [];
  let bytes = 0;
  let writing = false;
  let scheduled = false;
  let wake: (() => void) | undefined;

  const flush = () => {
    if (gathered.length === 0) return;
    const messages = gathered;
    gathered = [];
    bytes = 0;
    writing = true;
    if (together) {
      const { message, framed } = framedTogether(messages);
      call.write(message, () => {
        together &&= framed();
        written();
      });
    } else {
      const last = messages.pop() as Buffer;
      for (const message of messages) call.write(message, () => {});
      call.write(last, written);
    }
    wake?.();
  };
  const written = () => {
    writing = false;
    flush();
  };
  const flushScheduled = () => {
    scheduled = false;
    if (!writing) flush();
  };

  return {
    send(message) {
      gathered.push(message);
      bytes += message.length;
      if (!writing && !scheduled) {
        scheduled = true;
        process.nextTick(flushScheduled);
      }
      if (bytes < maxGathered) return undefined;
      return new Promise((resolve) => {
        wake = resolve;
      });
    },
    flush,
    stop() {
      gathered = [];
      wake?.();
    },
  };
}

/**
 * Joins several messages into bytes that gRPC takes for one. It writes a header and then lets the message copy its bytes behind
 * it; this copy changes the length in that header to that of the first message, and adds the headers of the others. `framed`
 * returns afterwards whether it was used so.
 */
export function framedTogether(messages: readonly Buffer[]): { readonly message: Buffer; framed(): boolean } {
  const [first = Buffer.alloc(0), ...rest] = messages;
  if (rest.length === 0) return { message: first, framed: () => true };
  const length = rest.reduce((sum, { length }) => sum + headerLength + length, first.length);
  const message = Buffer.allocUnsafe(length);
  let at = first.copy(message, 0);
  for (const next of rest) {
    message[at] = 0;
    message.writeUInt32BE(next.length, at + 1);
    at += headerLength;
    at += next.copy(message, at);
  }
  let framed = false;
  message.copy = (target: Uint8Array, targetStart = 0, sourceStart?: number, sourceEnd?: number) => {
    const copied = Buffer.prototype.copy.call(message, target, targetStart, sourceStart, sourceEnd);
    const frame = Buffer.from(target.buffer, target.byteOffset, target.byteLength);
    if (targetStart === headerLength && frame.readUInt32BE(1) === length) {
      frame.writeUInt32BE(first.length, 1);
      framed = true;
    }
    return copied;
  };
  return { message, framed: () => framed };
}
