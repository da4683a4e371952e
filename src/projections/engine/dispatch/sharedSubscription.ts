import type { Category } from "../../../domain/streams.ts";
import type { EventStore, SubscriptionMessage } from "../../../event-store/types.ts";
import { beforeTheLog } from "../core/batch.ts";
import { fromChunks, inChunks } from "./chunks.ts";
import type { Seat } from "./sharedSeat.ts";
import { openTrunk, type Trunk } from "./trunk.ts";

type Subscribe = EventStore["subscribe"];
type Messages = readonly SubscriptionMessage[];

/** Those who may share a subscription to these categories. */
type Group = {
  readonly categories: readonly Category[];
  readonly caughtUp: Set<symbol>;
  /** Those who read on their own and may hear nothing more: called when there is a shared subscription. */
  readonly alone: Set<() => void>;
  trunk: Trunk | undefined;
};

/**
 * Lets subscribers share one subscription, so that each event comes and is decoded once: all that want some of `shared`, if that is given,
 * and otherwise those to the same categories. A subscriber reads on its own until it has caught up. Then it takes a seat at the shared
 * subscription, and closes its own when that has delivered what the shared one had at that time. If the bounded buffer of its seat is
 * full, it reads on its own again. A single subscriber shares nothing.
 */
export function shareSubscriptions(
  eventStore: Pick<EventStore, "subscribe" | "readAll">,
  { shared = [], now = () => performance.now() }: { shared?: readonly Category[]; now?: () => number } = {},
): Subscribe {
  const groups = new Map<string, Group>();
  const groupOf = (wanted: readonly Category[]) => {
    const categories = wanted.every((category) => shared.includes(category)) ? shared : wanted;
    const name = [...categories].sort().join();
    const group = groups.get(name) ?? { categories, caughtUp: new Set(), alone: new Set(), trunk: undefined };
    groups.set(name, group);
    return group;
  };
  /** The last event that anybody was delivered: whoever subscribes from now on and catches up has had all up to it. */
  let seen = beforeTheLog;
  const see = (position: bigint) => {
    if (position > seen) seen = position;
  };

  return (subscription) => fromChunks(subscribe(subscription));

  async function* subscribe({ categories, after, signal }: Parameters<Subscribe>[0]): AsyncGenerator<Messages> {
    const group = groupOf(categories);
    const self = Symbol("subscriber");
    const member: Member = {
      categories,
      alone: group.alone,
      last: after,
      seat: undefined,
      sharesAll: group.categories.length === new Set(categories).size,
      sitDown(covered) {
        group.caughtUp.add(self);
        if (group.caughtUp.size < 2) return undefined;
        if (group.trunk === undefined) {
          group.trunk = openTrunk(eventStore, { categories: group.categories, after: covered, now, see }, () => {
            group.trunk = undefined;
          });
          for (const come of group.alone) come();
        }
        return group.trunk.sit(categories);
      },
    };
    try {
      while (!signal.aborted) {
        const ended = yield* alone(member, signal);
        if (ended === "ended") return;
        const { seat } = member;
        if (ended === "again" || seat === undefined) continue;
        member.seat = undefined;
        yield* seated(seat, member, signal);
        group.caughtUp.delete(self);
      }
    } finally {
      member.seat?.leave();
      group.caughtUp.delete(self);
    }
  }

  type Member = {
    readonly categories: readonly Category[];
    readonly alone: Set<() => void>;
    last: bigint | undefined;
    /** Taken, though what stood in the log before may not be delivered yet. */
    seat: Seat | undefined;
    /** Every event of the shared subscription is for this one. */
    readonly sharesAll: boolean;
    readonly sitDown: (covered: bigint) => Seat | undefined;
  };

  /**
   * Reads on its own until it may take its seat: when all up to where that begins is delivered. `again`: there is a seat, and perhaps no event of
   * its own that says when that is so; but a subscription that is opened now and catches up has delivered all that came before.
   */
  async function* alone(member: Member, signal: AbortSignal): AsyncGenerator<Messages, "seated" | "again" | "ended"> {
    const done = new AbortController();
    const opened = seen;
    let caughtUp = false;
    let isCalled = false;
    const come = () => {
      if (!caughtUp || member.seat !== undefined) return;
      isCalled = true;
      done.abort();
    };
    if (!member.sharesAll) member.alone.add(come);
    try {
      const own = {
        categories: member.categories,
        after: member.last,
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
        if (isCalled) return "again";
        if (!caughtUp) continue;
        let covered = member.last ?? beforeTheLog;
        if (opened > covered) covered = opened;
        if (member.seat === undefined || member.seat.closed()) member.seat = member.sitDown(covered);
        if (member.seat === undefined) continue;
        if (covered >= member.seat.from) return "seated";
        if (!member.sharesAll) return "again";
      }
      return isCalled && !signal.aborted ? "again" : "ended";
    } finally {
      member.alone.delete(come);
      done.abort();
    }
  }

  /** What comes to a seat, until it is lost or the subscriber stops. */
  async function* seated(seat: Seat, member: Member, signal: AbortSignal): AsyncGenerator<Messages> {
    const wake = () => seat.wake();
    signal.addEventListener("abort", wake);
    try {
      while (!signal.aborted) {
        const taken = seat.take();
        if (taken.length === 0) {
          if (seat.closed()) return;
          await seat.wait();
          continue;
        }
        const delivered = member.last ?? beforeTheLog;
        const messages = taken.filter((message) => message.kind !== "event" || message.event.position > delivered);
        for (const message of messages) if (message.kind === "event") member.last = message.event.position;
        if (messages.length > 0) yield messages;
      }
    } finally {
      signal.removeEventListener("abort", wake);
      seat.leave();
    }
  }
}
