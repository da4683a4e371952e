import type { ServerWritableStream } from "@grpc/grpc-js";
import type { Receiver } from "../reads/receiver.ts";
import { gatheredWrites } from "./gathered-writes.ts";

export type ReadCall = ServerWritableStream<Buffer, Buffer>;

/** Flow control: a slow client delays only its own call, and little is buffered for it. */
export function receiverOf(call: ReadCall): Receiver & { flush(): void } {
  let over = false;
  const writes = gatheredWrites(call);
  const whenOver = new Promise<void>((resolve) => {
    const end = () => {
      over = true;
      writes.stop();
      resolve();
    };
    call.on("cancelled", end);
    call.on("close", end);
    call.on("error", end);
  });
  return {
    send: (message) => (over ? undefined : writes.send(message)),
    flush: writes.flush,
    over: () => over,
    whenOver,
  };
}
