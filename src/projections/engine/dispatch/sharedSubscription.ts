import type { Category } from "../../../domain/streams.ts";
import type { EventStore } from "../../../event-store/types.ts";
import { beforeTheLog } from "../core/batch.ts";
import { fromChunks, inChunks } from "./chunks.ts";
import { type FanOut, openFanOut } from "./fanOut.ts";
import type { DispatchMessage, DispatchSubscribe, Messages } from "./messages.ts";
import type { SubscriberBuffer } from "./subscriberBuffer.ts";

/** The subscribers that may share a subscription to these categories. */
type Group = {
  readonly categories: readonly Category[];
  readonly caughtUp: Set<symbol>;
  /** Callbacks of subscribers that read on their own and may receive no further message: called when a shared subscription opens. */
  readonly alone: Set<() => void>;
  fanOut: FanOut | undefined;
};

/**
 * Lets subscribers share one subscription, so that each event comes and is decoded once: all that want some of `shared`, if that is given,
 * and otherwise those to the same categories. A subscriber reads on its own until it has caught up. Then it joins the shared subscription,
 * and closes its own when that has delivered all events before the place where it joined. If its buffer overflows, it reads on its own
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
    const group = groups.get(name) ?? { categories, caughtUp: new Set(), alone: new Set(), fanOut: undefined };
    groups.set(name, group);
    return group;
  };
  /** The last position that any subscriber received: one that subscribes from now on and catches up has received all up to it. */
  let seen = beforeTheLog;
  const see = (position: bigint) => {
    if (position > seen) seen = position;
  };

  return (subscription) => fromChunks(subscribe(subscription));

  async function* subscribe({ categories, after, signal }: Parameters<DispatchSubscribe>[0]): AsyncGenerator<Messages> {
    const group = groupOf(categories);
    const self = Symbol("subscriber");
    const member: Member = {
      categories,
      alone: group.alone,
      last: after,
      buffer: undefined,
      join(covered) {
        group.caughtUp.add(self);
        if (group.caughtUp.size < 2) return undefined;
        if (group.fanOut === undefined) {
          group.fanOut = openFanOut(eventStore, { categories: group.categories, after: covered, now, see }, () => {
            group.fanOut = undefined;
          });
          for (const stopReading of group.alone) stopReading();
        }
        return group.fanOut.join(categories);
      },
    };
    try {
      while (!signal.aborted) {
        const ended = yield* alone(member, signal);
        if (ended === "ended") return;
        const { buffer } = member;
        if (ended === "again" || buffer === undefined) continue;
        member.buffer = undefined;
        yield* joined(buffer, member, signal);
        group.caughtUp.delete(self);
      }
    } finally {
      member.buffer?.leave();
      group.caughtUp.delete(self);
    }
  }

  type Member = {
    readonly categories: readonly Category[];
    readonly alone: Set<() => void>;
    last: bigint | undefined;
    /** Joined already, though earlier events may not be delivered yet. */
    buffer: SubscriberBuffer | undefined;
    readonly join: (covered: bigint) => SubscriberBuffer | undefined;
  };

  /**
   * Reads on its own until all events before its buffer are delivered. `again`: it has a buffer, and there may be no event of its own that shows
   * when that is so; but a subscription that is opened now and catches up has delivered all earlier events.
   */
  async function* alone(member: Member, signal: AbortSignal): AsyncGenerator<Messages, "joined" | "again" | "ended"> {
    const done = new AbortController();
    const opened = seen;
    let caughtUp = false;
    let isStopped = false;
    const stopReading = () => {
      if (!caughtUp || member.buffer !== undefined) return;
      isStopped = true;
      done.abort();
    };
    member.alone.add(stopReading);
    try {
      const own = {
        categories: member.categories,
        after: member.last,
        detail: "essential" as const,
        signal: AbortSignal.any([signal, done.signal]),
      };
      for await (const messages of inChunks(eventStore.subscribe(own))) {
        for (const message of messages) {
          if (message.kind === "event") member.last = message.event.position;
          caughtUp ||= message.kind === "caughtUp";
        }
        see(member.last ?? beforeTheLog);
        yield messages;
        if (signal.aborted) return "ended";
        if (isStopped) return "again";
        if (!caughtUp) continue;
        let covered = member.last ?? beforeTheLog;
        if (opened > covered) covered = opened;
        if (member.buffer === undefined || member.buffer.closed()) member.buffer = member.join(covered);
        if (member.buffer === undefined) continue;
        return covered >= member.buffer.from ? "joined" : "again";
      }
      return isStopped && !signal.aborted ? "again" : "ended";
    } finally {
      member.alone.delete(stopReading);
      done.abort();
    }
  }

  /** What the buffer receives, until it is closed or the subscriber stops. */
  async function* joined(buffer: SubscriberBuffer, member: Member, signal: AbortSignal): AsyncGenerator<Messages> {
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
        const delivered = member.last ?? beforeTheLog;
        const messages = taken.filter((message) => {
          const position = positionOf(message);
          return position === undefined || position > delivered;
        });
        for (const message of messages) member.last = positionOf(message) ?? member.last;
        if (messages.length > 0) yield messages;
      }
    } finally {
      signal.removeEventListener("abort", wake);
      buffer.leave();
    }
  }
}

/** Up to where a member has everything once it has this message, if the message says so. */
function positionOf(message: DispatchMessage): bigint | undefined {
  if (message.kind === "event") return message.event.position;
  return message.kind === "passed" ? message.upTo.position : undefined;
}
