import type { ServerWritableStream } from "@grpc/grpc-js";

export type ReadCall = ServerWritableStream<Buffer, Buffer>;

/** The sending half of a streaming call. */
export type Outgoing = {
  /** Sends a message; resolves when the client's window has room for the next one. */
  send(message: Buffer): Promise<void> | undefined;
  /** True when nobody listens any more. */
  over(): boolean;
  /** Resolves when nobody listens any more. */
  whenOver: Promise<void>;
};

/** Flow control: a slow client holds up only its own call, and nothing is buffered for it beyond the stream's own few messages. */
export function outgoing(call: ReadCall): Outgoing {
  let over = false;
  let wake: (() => void) | undefined;
  const whenOver = new Promise<void>((resolve) => {
    const end = () => {
      over = true;
      wake?.();
      resolve();
    };
    call.on("cancelled", end);
    call.on("close", end);
    call.on("error", end);
  });
  call.on("drain", () => wake?.());
  return {
    send(message) {
      if (over || call.write(message)) return undefined;
      return new Promise((resolve) => {
        wake = resolve;
      });
    },
    over: () => over,
    whenOver,
  };
}
