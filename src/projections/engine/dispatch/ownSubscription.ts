import { type Category, categoryOf } from "../../../domain/streams.ts";
import { inChunks } from "../../../event-store/inChunks.ts";
import type { EventStore, SubscriptionMessage } from "../../../event-store/types.ts";
import { beforeTheLog } from "../core/batch.ts";
import type { Messages } from "./messages.ts";
import type { SubscriberBuffer } from "./subscriberBuffer.ts";

/** A member of a shared subscription, and its progress. */
export type Subscriber = {
  readonly categories: ReadonlySet<Category>;
  /** The last event delivered, or known to have none before it; undefined: it wants the log from its beginning. */
  last: bigint | undefined;
  /**
   * All its events up to this position were delivered to it, as shown by its own subscriptions, never by what another
   * received.
   */
  covered: bigint;
  /**
   * The messages that a shared subscription has received since the subscriber joined it; earlier events may not be
   * delivered yet.
   */
  buffer: SubscriberBuffer | undefined;
  /** Joins the shared subscription; undefined if there is none. */
  readonly join: () => SubscriberBuffer | undefined;
};

/** The dependencies of a subscriber that reads on its own. */
export type OwnReading = {
  readonly eventStore: Pick<EventStore, "subscribe">;
  /** The categories of all who share. */
  readonly shared: ReadonlySet<Category>;
  /** The last event at or before this position that anybody received: a position that a subscription may start after. */
  readonly eventUpTo: (position: bigint) => bigint;
  readonly see: (position: bigint) => void;
  /** Callbacks of subscribers that have caught up without a shared subscription to join; called when one opens. */
  readonly alone: Set<() => void>;
  readonly signal: AbortSignal;
};

/**
 * Reads on its own until all events before its buffer are delivered: `joined`. `again`: another subscription is needed. Without a
 * buffer it subscribes to its own categories. With one it must establish that it lacks nothing, and its own events may not show
 * it: then it subscribes to those of all, so that the event where the buffer begins comes too. That another subscriber has
 * received an event proves nothing: after a fail-over the node behind this subscription may know less of the log, and sends
 * `caughtUp` at its own end.
 */
export async function* readOnItsOwn(
  subscriber: Subscriber,
  { eventStore, shared, eventUpTo, see, alone, signal }: OwnReading,
): AsyncGenerator<Messages, "joined" | "again" | "ended"> {
  const done = new AbortController();
  const hasBuffer = subscriber.buffer !== undefined;
  let caughtUp = false;
  let isStopped = false;
  const stopReading = () => {
    if (!caughtUp || subscriber.buffer !== undefined) return;
    isStopped = true;
    done.abort();
  };
  alone.add(stopReading);
  try {
    const subscription = eventStore.subscribe({
      categories: [...(hasBuffer ? shared : subscriber.categories)],
      after: hasBuffer ? startOf(subscriber, eventUpTo) : subscriber.last,
      detail: "essential",
      signal: AbortSignal.any([signal, done.signal]),
    });
    for await (const messages of inChunks(subscription)) {
      const own = messages.filter((message) => receive(subscriber, message));
      const end = messages.findLast((message) => message.kind === "event");
      if (end !== undefined) see(end.event.position);
      caughtUp ||= messages.some(({ kind }) => kind === "caughtUp");
      // Events of others are a sign of life.
      yield own.length > 0 ? own : [{ kind: "checkpoint", position: subscriber.covered }];
      if (signal.aborted) return "ended";
      if (isStopped) return "again";
      if (!caughtUp) continue;
      if (subscriber.buffer === undefined || subscriber.buffer.closed()) subscriber.buffer = subscriber.join();
      if (subscriber.buffer !== undefined && subscriber.covered >= subscriber.buffer.from) return "joined";
      if (hasBuffer !== (subscriber.buffer !== undefined)) return "again";
    }
    return isStopped && !signal.aborted ? "again" : "ended";
  } finally {
    alone.delete(stopReading);
    done.abort();
  }
}

/** The position to subscribe from: the last event known to be covered. Only an event's position is valid. */
export function startOf(
  { last, covered }: Pick<Subscriber, "last" | "covered">,
  eventUpTo: OwnReading["eventUpTo"],
): bigint | undefined {
  const known = eventUpTo(covered);
  return known > (last ?? beforeTheLog) ? known : last;
}

/** Takes note of what its own subscription shows; false for what is not for the subscriber: an event of others, or one that it has. */
function receive(subscriber: Subscriber, message: SubscriptionMessage): boolean {
  const shown = shownBy(message);
  if (shown > subscriber.covered) subscriber.covered = shown;
  if (message.kind !== "event") return true;
  const { position, stream } = message.event;
  const category = categoryOf(stream);
  const isOwn = category !== undefined && subscriber.categories.has(category);
  if (!isOwn || position <= (subscriber.last ?? beforeTheLog)) return false;
  subscriber.last = position;
  return true;
}

/** Up to where a subscription has come with this message. */
function shownBy(message: SubscriptionMessage): bigint {
  if (message.kind === "event") return message.event.position;
  // The next event may begin at a checkpoint's position.
  return message.kind === "checkpoint" ? message.position - 1n : beforeTheLog;
}
