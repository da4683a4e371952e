import { status } from "@grpc/grpc-js";
import { isNotLeader } from "../clientErrors.ts";
import type { Connection, RawCall } from "./connection.ts";

const path = "/event_store.client.streams.Streams/Read";

export type ReadCallOptions = {
  readonly connection: Connection;
  /** The bytes of a ReadReq. */
  readonly request: Buffer;
  /** Until when `firstAnswerMs` counts: to the first message, to the opening of the call, or not at all, for a subscription. */
  readonly timed: "to_answer" | "to_opening" | "not";
  readonly firstAnswerMs: number;
  /** Whether the consumer has received a message. */
  hasDelivered(): boolean;
  /** Whether the consumer takes a further message. */
  hasRoom(): boolean;
  onMessage(bytes: Buffer): void;
  /**
   * As `CallListener.ended`, also when the call cannot be opened; not called while a node that is not the leader
   * refuses it.
   */
  onEnd(error: Error | undefined): void;
  /** The first message, or the opening of the call, did not arrive within `firstAnswerMs`. */
  onLate(): void;
};

/**
 * A call of Streams/Read: opening, time limit, flow control, cancellation. If a node that is not the leader refuses it before it has
 * delivered anything, it is opened again, at the leader, for as long as `firstAnswerMs`.
 */
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
  const { connection, request, timed, firstAnswerMs, hasRoom, hasDelivered, onMessage, onEnd, onLate } = options;
  let call: RawCall | undefined;
  let isReadOutstanding = false;
  let isAnswered = false;
  let isAbandoned = false;
  let lateAt = 0;
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
  /**
   * Notes that the leader answered. Not for subscriptions: a node that is not the leader confirms them too, and
   * continues them beyond its own end.
   */
  const noteAnswer = () => {
    if (isAnswered || timed === "not" || call === undefined) return;
    isAnswered = true;
    connection.answeredByLeader(call);
  };
  const listener = {
    message(bytes: Buffer) {
      isReadOutstanding = false;
      clearTimeout(timer);
      noteAnswer();
      if (!isAbandoned) onMessage(bytes);
      requestNext();
    },
    ended(error: Error | undefined) {
      clearTimeout(timer);
      if (error === undefined) noteAnswer();
      else if (isNotLeader(error) && !isAbandoned && !hasDelivered() && performance.now() < lateAt) return connect();
      onEnd(error);
    },
  };

  function connect(): void {
    call = undefined;
    isReadOutstanding = false;
    if (timed !== "not") timer = setTimeout(onLate, lateAt - performance.now());
    connection.open(path, listener).then((opened) => {
      call = opened;
      if (isAbandoned) return call.cancelWithStatus(status.CANCELLED, "Cancelled on client");
      call.sendMessageWithContext({}, request);
      call.halfClose();
      if (timed === "to_opening") clearTimeout(timer);
      requestNext();
    }, listener.ended);
  }

  return {
    open() {
      lateAt = performance.now() + firstAnswerMs;
      connect();
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
