import type { Category } from "../../../domain/streams.ts";
import type { EventStore } from "../../../event-store/types.ts";
import { beforeTheLog } from "../core/batch.ts";
import { type FanOut, openFanOut } from "./fanOut.ts";
import type { DispatchMessage, DispatchSubscribe, Messages } from "./messages.ts";
import { readOnItsOwn, type Subscriber, startOf } from "./ownSubscription.ts";
import type { SubscriberBuffer } from "./subscriberBuffer.ts";

/** The subscribers that may share a subscription to these categories. */
type Group = {
  readonly categories: ReadonlySet<Category>;
  readonly caughtUp: Set<symbol>;
  readonly alone: Set<() => void>;
  fanOut: FanOut | undefined;
};

/** The number of positions of received events that are kept. */
const maxSeen = 1_000;

/**
 * Lets subscribers share one subscription, so that each event comes and is decoded once: all that want some of `shared`, if that is given,
 * and otherwise those to the same categories. A subscriber reads on its own until it has caught up. Then it joins the shared subscription,
 * and closes its own when that has delivered all events before the position where it joined. If its buffer overflows, it reads on its own
 * again. A single subscriber shares nothing. One of whose events none come learns now and then how far the others have come.
 */
export function shareSubscriptions(
  eventStore: Pick<EventStore, "subscribe" | "readAll">,
  { shared = [], now = () => performance.now() }: { shared?: readonly Category[]; now?: () => number } = {},
): DispatchSubscribe {
  const groups = new Map<string, Group>();
  const groupOf = (wanted: readonly Category[]) => {
    const categories = wanted.every((category) => shared.includes(category)) ? shared : wanted;
    const name = [...categories].sort().join();
    const group = groups.get(name) ?? {
      categories: new Set(categories),
      caughtUp: new Set(),
      alone: new Set(),
      fanOut: undefined,
    };
    groups.set(name, group);
    return group;
  };
  /** Positions of events that some subscriber received lately, ascending. */
  const seen: bigint[] = [];
  const see = (position: bigint) => {
    if (position <= (seen.at(-1) ?? beforeTheLog)) return;
    seen.push(position);
    if (seen.length > maxSeen) seen.shift();
  };
  /** When a subscription has ended another log may have taken this one's place, which has no events at these positions. */
  const forgetSeen = () => {
    seen.length = 0;
  };
  const eventUpTo = (position: bigint) => seen.findLast((other) => other <= position) ?? beforeTheLog;

  return subscribe;

  async function* subscribe({ categories, after, signal }: Parameters<DispatchSubscribe>[0]): AsyncGenerator<Messages> {
    const group = groupOf(categories);
    const self = Symbol("subscriber");
    const subscriber: Subscriber = {
      categories: new Set(categories),
      last: after,
      covered: after ?? beforeTheLog,
      buffer: undefined,
      join() {
        group.caughtUp.add(self);
        if (group.caughtUp.size < 2) return undefined;
        if (group.fanOut === undefined) {
          const start = startOf(subscriber, eventUpTo) ?? beforeTheLog;
          group.fanOut = openFanOut(eventStore, { categories: [...group.categories], after: start, now, see }, () => {
            group.fanOut = undefined;
            forgetSeen();
          });
          for (const stopReading of group.alone) stopReading();
        }
        return group.fanOut.join(categories);
      },
    };
    const { alone } = group;
    try {
      while (!signal.aborted) {
        const reading = { eventStore, shared: group.categories, eventUpTo, see, alone, signal };
        const ended = yield* readOnItsOwn(subscriber, reading);
        if (ended === "ended") return;
        const { buffer } = subscriber;
        if (ended === "again" || buffer === undefined) continue;
        subscriber.buffer = undefined;
        yield* joined(buffer, subscriber, signal);
        group.caughtUp.delete(self);
      }
    } catch (error) {
      forgetSeen();
      throw error;
    } finally {
      subscriber.buffer?.leave();
      group.caughtUp.delete(self);
    }
  }

  /** The messages that the buffer receives, until it is closed or the subscriber stops. */
  async function* joined(
    buffer: SubscriberBuffer,
    subscriber: Subscriber,
    signal: AbortSignal,
  ): AsyncGenerator<Messages> {
    const wake = () => buffer.wake();
    signal.addEventListener("abort", wake);
    try {
      while (!signal.aborted) {
        const taken = buffer.take();
        if (taken.length === 0) {
          if (buffer.closed()) return;
          await buffer.wait();
          continue;
        }
        const delivered = subscriber.last ?? beforeTheLog;
        const messages = taken.filter((message) => {
          const position = positionOf(message);
          return position === undefined || position > delivered;
        });
        for (const message of messages) subscriber.last = positionOf(message) ?? subscriber.last;
        if (subscriber.last !== undefined && subscriber.last > subscriber.covered) subscriber.covered = subscriber.last;
        if (messages.length > 0) yield messages;
      }
    } finally {
      signal.removeEventListener("abort", wake);
      buffer.leave();
    }
  }
}

/** The position up to which a subscriber has everything once it has this message, if the message has one. */
function positionOf(message: DispatchMessage): bigint | undefined {
  if (message.kind === "event") return message.event.position;
  return message.kind === "passed" ? message.upTo.position : undefined;
}
