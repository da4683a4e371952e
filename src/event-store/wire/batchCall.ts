import { status } from "@grpc/grpc-js";
import type { Connection, RawCall } from "./connection.ts";
import { framedTogether } from "./framedMessages.ts";

const path = "/event_store.client.streams.Streams/BatchAppend";

/** A BatchAppend call, from its opening on. */
export type BatchCall = {
  isOpen(): boolean;
  hasEnded(): boolean;
  /** Whether it takes messages: it is open, and gRPC has accepted the last write. `onReady` is called when it does again. */
  isReady(): boolean;
  write(messages: readonly Buffer[]): void;
  /** It has acknowledged an append. */
  noteLeader(): void;
  /** Ends it, with the reason that `onEnd` is given. */
  abandon(reason: Error): void;
  /** Cancels it: the server ends it. */
  cancel(): void;
};

/** Whether several messages may be framed for one write (see framedMessages.ts); learned by the first calls for those after them. */
export type Framing = { together: boolean };

export function openBatchCall(
  connection: Connection,
  framing: Framing,
  listener: {
    onMessage(bytes: Buffer): void;
    onReady(call: BatchCall): void;
    /** Once, also when it cannot be opened. `error` as of `CallListener.ended`. */
    onEnd(call: BatchCall, error: Error | undefined): void;
  },
): BatchCall {
  let call: RawCall | undefined;
  let isWriting = false;
  let hasEnded = false;
  let isLed = false;

  const end = (error: Error | undefined) => {
    if (hasEnded) return;
    hasEnded = true;
    listener.onEnd(opened, error);
  };
  const cancel = () => call?.cancelWithStatus(status.CANCELLED, "Cancelled on client");

  function write(on: RawCall, messages: readonly Buffer[]): void {
    isWriting = true;
    const now = framing.together ? messages : messages.slice(0, 1);
    const later = framing.together ? [] : messages.slice(1);
    const { bytes, framed } = framedTogether(now);
    // Called when the message is framed and sent; not called after a failure, which ends the call.
    const callback = () => {
      framing.together &&= framed();
      if (hasEnded) return;
      if (later.length > 0) return write(on, later);
      isWriting = false;
      listener.onReady(opened);
    };
    on.sendMessageWithContext({ callback }, bytes);
  }

  const opened: BatchCall = {
    isOpen: () => call !== undefined,
    hasEnded: () => hasEnded,
    isReady: () => call !== undefined && !isWriting && !hasEnded,
    write(messages) {
      if (call !== undefined && messages.length > 0) write(call, messages);
    },
    noteLeader() {
      if (isLed || call === undefined) return;
      isLed = true;
      connection.answeredByLeader(call);
    },
    abandon(reason) {
      end(reason);
      cancel();
    },
    cancel,
  };

  const message = (bytes: Buffer) => {
    try {
      listener.onMessage(bytes);
      call?.startRead();
    } catch (error) {
      call?.cancelWithStatus(status.INTERNAL, String(error));
    }
  };
  connection.open(path, { message, ended: end }).then((raw) => {
    call = raw;
    raw.startRead();
    if (hasEnded) cancel();
    else listener.onReady(opened);
  }, end);
  return opened;
}
