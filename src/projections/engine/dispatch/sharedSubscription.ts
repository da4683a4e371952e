import type { Category } from "../../../domain/streams.ts";
import type { EventStore, SubscriptionMessage } from "../../../event-store/types.ts";
import { beforeTheLog } from "../core/batch.ts";
import { fromChunks, inChunks } from "./chunks.ts";
import { openSeat, type Seat } from "./sharedSeat.ts";

/** A subscription that was silent for so long may be dead: a member that leaves it closes it. */
const deadAfterMs = 5_000;

type Subscribe = EventStore["subscribe"];
type Messages = readonly SubscriptionMessage[];

/** A shared subscription and its members. It does not wait: a member that does not keep up loses its seat. */
type Trunk = { sit(): Seat | undefined; leave(seat: Seat): void };

/**
 * Lets subscribers to the same categories share one subscription, so that each event is decoded once. A subscriber reads on its
 * own until it has caught up. Then it takes a seat at the shared subscription, and closes its own when that has delivered what the
 * shared one had at that time. If the bounded buffer of its seat is full, it reads on its own again. A single subscriber shares
 * nothing.
 */
export function shareSubscriptions(
  eventStore: { readonly subscribe: Subscribe },
  now = () => performance.now(),
): Subscribe {
  const groups = new Map<string, { caughtUp: Set<symbol>; trunk: Trunk | undefined }>();
  const groupOf = (categories: readonly Category[]) => {
    const name = [...categories].sort().join();
    const group = groups.get(name) ?? { caughtUp: new Set(), trunk: undefined };
    groups.set(name, group);
    return group;
  };

  return (subscription) => fromChunks(subscribe(subscription));

  async function* subscribe({ categories, after, signal }: Parameters<Subscribe>[0]): AsyncGenerator<Messages> {
    const group = groupOf(categories);
    const self = Symbol("subscriber");
    const place = { last: after };
    const sitDown = () => {
      group.caughtUp.add(self);
      if (group.caughtUp.size < 2) return undefined;
      group.trunk ??= openTrunk(categories, place.last, () => {
        group.trunk = undefined;
      });
      return group.trunk.sit();
    };
    try {
      while (!signal.aborted) {
        const seat = yield* alone(categories, place, signal, sitDown);
        if (seat === undefined) return;
        yield* seated(seat, place, signal);
        group.caughtUp.delete(self);
      }
    } finally {
      group.caughtUp.delete(self);
    }
  }

  type Place = { last: bigint | undefined };

  /** Reads on its own until `sitDown` gives a seat and what was delivered reaches it; undefined when stopped. */
  async function* alone(
    categories: readonly Category[],
    place: Place,
    signal: AbortSignal,
    sitDown: () => Seat | undefined,
  ): AsyncGenerator<Messages, Seat | undefined> {
    const done = new AbortController();
    let caughtUp = false;
    let seat: Seat | undefined;
    let taken = false;
    try {
      const own = { categories, after: place.last, signal: AbortSignal.any([signal, done.signal]) };
      for await (const messages of inChunks(eventStore.subscribe(own))) {
        for (const message of messages) {
          if (message.kind === "event") place.last = message.event.position;
          caughtUp ||= message.kind === "caughtUp";
        }
        yield messages;
        if (signal.aborted) return undefined;
        if (!caughtUp) continue;
        if (seat === undefined || seat.closed()) seat = sitDown();
        if (seat === undefined || (place.last ?? beforeTheLog) < seat.from) continue;
        taken = true;
        return seat;
      }
      return undefined;
    } finally {
      done.abort();
      if (!taken) seat?.leave();
    }
  }

  /** What comes to a seat, until it is lost or the subscriber stops. */
  async function* seated(seat: Seat, place: Place, signal: AbortSignal): AsyncGenerator<Messages> {
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
        const delivered = place.last ?? beforeTheLog;
        const messages = taken.filter((message) => message.kind !== "event" || message.event.position > delivered);
        for (const message of messages) if (message.kind === "event") place.last = message.event.position;
        if (messages.length > 0) yield messages;
      }
    } finally {
      signal.removeEventListener("abort", wake);
      seat.leave();
    }
  }

  function openTrunk(categories: readonly Category[], after: bigint | undefined, ended: () => void): Trunk {
    const end = new AbortController();
    const seats = new Set<Seat>();
    let last = after ?? beforeTheLog;
    let heardAt = now();
    const pump = async () => {
      for await (const messages of inChunks(eventStore.subscribe({ categories, after, signal: end.signal }))) {
        heardAt = now();
        for (const message of messages) {
          if (message.kind === "event") last = message.event.position;
          for (const seat of seats) seat.push(message);
        }
      }
    };
    const close = () => {
      end.abort();
      ended();
      for (const seat of seats) seat.close();
      seats.clear();
    };
    // What failed is found out by each member when it reads on its own.
    pump().then(close, close);
    const trunk: Trunk = {
      sit() {
        if (end.signal.aborted) return undefined;
        const seat = openSeat(last, () => trunk.leave(seat));
        seats.add(seat);
        return seat;
      },
      leave(seat) {
        seats.delete(seat);
        if (!end.signal.aborted && (seats.size === 0 || now() - heardAt > deadAfterMs)) close();
      },
    };
    return trunk;
  }
}
