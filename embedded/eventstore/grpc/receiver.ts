import type { ServerWritableStream } from "@grpc/grpc-js";
import type { Receiver } from "../reads/receiver.ts";

export type ReadCall = ServerWritableStream<Buffer, Buffer>;

/** Flow control: a slow client holds up only its own call, and nothing is buffered for it beyond the stream's own few messages. */
export function receiverOf(call: ReadCall): Receiver {
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
