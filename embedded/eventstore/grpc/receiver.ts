import type { ServerWritableStream } from "@grpc/grpc-js";
import type { Receiver } from "../reads/receiver.ts";

export type ReadCall = ServerWritableStream<Buffer, Buffer>;

/** Bytes: of messages above this one at a time is handed to the call, which else takes 16 messages, be they ever so large. */
const largeMessage = 32 * 1024;

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
      if (over) return undefined;
      const isLarge = message.length > largeMessage;
      const hasRoom = isLarge ? call.write(message, () => wake?.()) : call.write(message);
      if (hasRoom && !isLarge) return undefined;
      return new Promise((resolve) => {
        wake = resolve;
      });
    },
    over: () => over,
    whenOver,
  };
}
