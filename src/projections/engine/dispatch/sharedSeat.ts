import type { SubscriptionMessage } from "../../../event-store/types.ts";
import { createBell } from "../bell.ts";
import { dataSize } from "../core/dataSize.ts";

/** What a seat holds at most, in messages and in units of data: as much as some batches. */
const maxMessages = 5_000;
const maxSize = 4 * 1024 * 1024;

/** A member's place at a shared subscription: a bounded buffer of what was delivered since he took it. */
export type Seat = {
  /** The last event that was delivered before: nothing that lies behind it is missing here. */
  readonly from: bigint;
  push(message: SubscriptionMessage): void;
  /** All that is in the buffer, in order. */
  take(): readonly SubscriptionMessage[];
  /** Resolves when there is something to take, or to notice. */
  wait(): Promise<void>;
  wake(): void;
  /** Nothing more comes; what is in the buffer counts. */
  close(): void;
  closed(): boolean;
  leave(): void;
};

/** `left` is called when the member leaves, or when his buffer is full: then he has lost the seat. */
export function openSeat(from: bigint, left: () => void): Seat {
  const bell = createBell();
  let messages: SubscriptionMessage[] = [];
  let held = 0;
  let closed = false;
  const seat: Seat = {
    from,
    push(message) {
      if (closed) return;
      const size = message.kind === "event" ? dataSize(message.event) : 0;
      if (messages.length >= maxMessages || (held > 0 && held + size > maxSize)) {
        seat.close();
        left();
        return;
      }
      held += size;
      messages.push(message);
      bell.ring();
    },
    take() {
      const taken = messages;
      messages = [];
      held = 0;
      return taken;
    },
    wait: () => bell.wait(60_000),
    wake: bell.ring,
    close() {
      closed = true;
      bell.ring();
    },
    closed: () => closed,
    leave() {
      closed = true;
      left();
    },
  };
  return seat;
}
