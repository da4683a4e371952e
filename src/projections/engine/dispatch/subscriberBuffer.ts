import { dataSize } from "../core/dataSize.ts";
import { createWakeUp } from "../wakeUp.ts";
import type { DispatchMessage, Messages } from "./messages.ts";

/** The limits of a buffer, in messages and in units of data: some batches. */
const maxMessages = 5_000;
const maxSize = 4 * 1024 * 1024;

/** The bounded buffer of one member of a shared subscription: what was received since the member joined. */
export type SubscriberBuffer = {
  /** The position of the last event before the member joined: the buffer receives every later one. */
  readonly from: bigint;
  push(message: DispatchMessage): void;
  /** All that is in the buffer, in order. */
  take(): Messages;
  /** Resolves when there is something to take, or to notice. */
  wait(): Promise<void>;
  wake(): void;
  /** Closes the buffer to new messages; those in it are still delivered. */
  close(): void;
  closed(): boolean;
  leave(): void;
};

/** `left` is called when the member leaves, or when the buffer overflows: then it is closed. */
export function openSubscriberBuffer(from: bigint, left: () => void): SubscriberBuffer {
  const wakeUp = createWakeUp();
  let messages: DispatchMessage[] = [];
  let held = 0;
  let closed = false;
  const buffer: SubscriberBuffer = {
    from,
    push(message) {
      if (closed) return;
      const size = message.kind === "event" ? dataSize(message.event) : 0;
      if (messages.length >= maxMessages || (held > 0 && held + size > maxSize)) {
        buffer.close();
        left();
        return;
      }
      held += size;
      messages.push(message);
      wakeUp.notify();
    },
    take() {
      const taken = messages;
      messages = [];
      held = 0;
      return taken;
    },
    wait: () => wakeUp.wait(60_000),
    wake: wakeUp.notify,
    close() {
      closed = true;
      wakeUp.notify();
    },
    closed: () => closed,
    leave() {
      closed = true;
      left();
    },
  };
  return buffer;
}
