import { type Category, categoryOf } from "../../../domain/streams.ts";
import { inChunks } from "../../../event-store/inChunks.ts";
import type { EventStore, SubscriptionMessage } from "../../../event-store/types.ts";
import { beforeTheLog } from "../core/batch.ts";
import { farEvents } from "../core/epoch.ts";
import { openSubscriberBuffer, type SubscriberBuffer } from "./subscriberBuffer.ts";

/**
 * The time (ms) without messages after which a subscription may be dead: the log is read to find out, and a member that
 * leaves closes it.
 */
const deadAfterMs = 5_000;

/** The interval (ms) at which a member that receives no events receives a checkpoint, while others receive events. */
const checkpointEveryMs = 3_000;

/**
 * A subscription whose messages go to several members. It does not wait: a member whose buffer overflows is removed.
 */
export type FanOut = {
  /** A buffer that receives the events of these categories from now on; undefined when the subscription has ended. */
  join(categories: readonly Category[]): SubscriberBuffer | undefined;
};

type Member = {
  readonly buffer: SubscriberBuffer;
  readonly wants: ReadonlySet<Category>;
  deliveredAt: number;
  /**
   * The number of events of others since the member's last message; at `farEvents` the member is sent the position of the
   * subscription. Starts at `farEvents`, so that the first foreign event is reported at once.
   */
  passed: number;
};

/** Opens a subscription to the categories. `see` is called with each position received, `ended` once, when it ends. */
export function openFanOut(
  eventStore: Pick<EventStore, "subscribe" | "readAll">,
  options: {
    readonly categories: readonly Category[];
    readonly after: bigint;
    readonly now: () => number;
    readonly see: (position: bigint) => void;
    readonly probeEveryMs?: number;
  },
  ended: () => void,
): FanOut {
  const { categories, now, see, probeEveryMs = deadAfterMs } = options;
  const after = options.after === beforeTheLog ? undefined : options.after;
  const end = new AbortController();
  const members = new Map<SubscriberBuffer, Member>();
  let last = options.after;
  let receivedAt = now();
  /** The position of an event that was in the log at the last probe and had not been received. */
  let missed: bigint | undefined;

  const deliver = (message: SubscriptionMessage) => {
    const category = message.kind === "event" ? categoryOf(message.event.stream) : undefined;
    for (const member of members.values()) {
      const isForMember = category === undefined ? message.kind !== "event" : member.wants.has(category);
      if (isForMember) {
        member.deliveredAt = receivedAt;
        if (message.kind === "event") member.passed = 0;
        member.buffer.push(message);
      } else if (message.kind === "event" && ++member.passed >= farEvents) {
        const { position, id } = message.event;
        member.passed = 0;
        member.buffer.push({ kind: "passed", upTo: { position, eventId: id } });
      }
    }
  };
  const deliverCheckpoints = () => {
    for (const member of members.values()) {
      if (receivedAt - member.deliveredAt < checkpointEveryMs) continue;
      member.deliveredAt = receivedAt;
      member.buffer.push({ kind: "checkpoint", position: last });
    }
  };
  const pump = async () => {
    for await (const messages of inChunks(
      eventStore.subscribe({ categories, after, detail: "essential", signal: end.signal }),
    )) {
      receivedAt = now();
      for (const message of messages) {
        if (message.kind === "event") last = message.event.position;
        deliver(message);
      }
      see(last);
      deliverCheckpoints();
    }
  };
  const close = () => {
    if (end.signal.aborted) return;
    clearInterval(probing);
    end.abort();
    ended();
    for (const { buffer } of members.values()) buffer.close();
    members.clear();
  };

  /** Tells a quiet log from a dead subscription: reads the next event after the last one received. */
  const probe = async () => {
    if (now() - receivedAt < deadAfterMs) return;
    const known = last;
    const [first, second] = await readTwo(known === beforeTheLog ? undefined : known);
    if (last !== known || end.signal.aborted) return;
    const next = known === beforeTheLog ? first : second;
    if (next !== undefined) {
      // It may be under way; if it is still missing at the next probe, the subscription is dead.
      if (missed !== undefined && known < missed) return close();
      missed = next;
    } else if (known === beforeTheLog || first === known) {
      receivedAt = now();
      deliverCheckpoints();
    }
  };
  const readTwo = async (fromPosition: bigint | undefined): Promise<readonly bigint[]> => {
    const found: bigint[] = [];
    const range = { categories, maxCount: 2, signal: end.signal, ...(fromPosition !== undefined && { fromPosition }) };
    for await (const { position } of eventStore.readAll(range)) if (found.push(position) === 2) break;
    return found;
  };
  // A failed probe proves nothing: members leave a subscription that stays silent.
  const probing = setInterval(() => probe().catch(() => {}), probeEveryMs).unref();

  // Each member meets the error itself when it reads on its own.
  pump().then(close, close);
  return {
    join(wanted) {
      if (end.signal.aborted) return undefined;
      const buffer = openSubscriberBuffer(last, () => {
        members.delete(buffer);
        if (members.size === 0 || now() - receivedAt > deadAfterMs) close();
      });
      members.set(buffer, { buffer, wants: new Set(wanted), deliveredAt: receivedAt, passed: farEvents });
      return buffer;
    },
  };
}
