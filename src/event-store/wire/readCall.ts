import { status } from "@grpc/grpc-js";
import type { Connection, RawCall } from "./connection.ts";

const path = "/event_store.client.streams.Streams/Read";

export type ReadCallOptions = {
  readonly connection: Connection;
  /** The bytes of a ReadReq. */
  readonly request: Buffer;
  /** Until when `firstAnswerMs` counts: to the first message, to the opening of the call, or not at all. */
  readonly timed: "to_answer" | "to_opening" | "not";
  readonly firstAnswerMs: number;
  /** Whether the consumer takes a further message. */
  hasRoom(): boolean;
  onMessage(bytes: Buffer): void;
  /** As `CallListener.ended`; also when the call cannot be opened. */
  onEnd(error: Error | undefined): void;
  /** The time is over. */
  onLate(): void;
};

/** A call of Streams/Read: opening, time limit, flow control, cancellation. */
export type ReadCall = {
  open(): void;
  /** Takes the next message from the connection if there is room for it. To be called when room was made. */
  requestNext(): void;
  /** Takes no more messages and drops what still comes, until the server ends the call. */
  runOut(): void;
  /** Takes no more messages and cancels the call. */
  cancel(): void;
};

export function createReadCall(options: ReadCallOptions): ReadCall {
  const { connection, request, timed, firstAnswerMs, hasRoom, onMessage, onEnd, onLate } = options;
  let call: RawCall | undefined;
  let isReadOutstanding = false;
  let isAbandoned = false;
  let timer: NodeJS.Timeout | undefined;

  const requestNext = () => {
    if (isReadOutstanding || call === undefined || !(isAbandoned || hasRoom())) return;
    isReadOutstanding = true;
    call.startRead();
  };
  const abandon = () => {
    isAbandoned = true;
    clearTimeout(timer);
  };
  const listener = {
    message(bytes: Buffer) {
      isReadOutstanding = false;
      clearTimeout(timer);
      if (!isAbandoned) onMessage(bytes);
      requestNext();
    },
    ended(error: Error | undefined) {
      clearTimeout(timer);
      onEnd(error);
    },
  };

  return {
    open() {
      if (timed !== "not") timer = setTimeout(onLate, firstAnswerMs);
      connection.open(path, listener).then((opened) => {
        call = opened;
        if (isAbandoned) return call.cancelWithStatus(status.CANCELLED, "Cancelled on client");
        call.sendMessageWithContext({}, request);
        call.halfClose();
        if (timed === "to_opening") clearTimeout(timer);
        requestNext();
      }, listener.ended);
    },
    requestNext,
    runOut: abandon,
    cancel() {
      abandon();
      // A gRPC call cancelled within its message handler may continue (grpc-node issues 1464 and 1652).
      setImmediate(() => call?.cancelWithStatus(status.CANCELLED, "Cancelled on client"));
    },
  };
}
