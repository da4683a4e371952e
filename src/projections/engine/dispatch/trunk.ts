import { type Category, categoryOf } from "../../../domain/streams.ts";
import type { EventStore, SubscriptionMessage } from "../../../event-store/types.ts";
import { beforeTheLog } from "../core/batch.ts";
import { inChunks } from "./chunks.ts";
import { openSeat, type Seat } from "./sharedSeat.ts";

/** A subscription that was silent for so long may be dead: the log is asked, and a member that leaves it closes it. */
const deadAfterMs = 5_000;

/** A member that has no events of its own hears every so often that there were others. */
const toldEveryMs = 3_000;

/** A shared subscription and its members. It does not wait: a member that does not keep up loses its seat. */
export type Trunk = {
  /** A place for what is in these categories from now on; undefined when the subscription has ended. */
  sit(categories: readonly Category[]): Seat | undefined;
};

type Member = { readonly seat: Seat; readonly wants: ReadonlySet<Category>; toldAt: number };

/** Opens a subscription to the categories for whoever sits down. `see` is called with what comes, `ended` once, when it ends. */
export function openTrunk(
  eventStore: Pick<EventStore, "subscribe" | "readAll">,
  options: {
    readonly categories: readonly Category[];
    readonly after: bigint;
    readonly now: () => number;
    readonly see: (position: bigint) => void;
    readonly lookEveryMs?: number;
  },
  ended: () => void,
): Trunk {
  const { categories, now, see, lookEveryMs = deadAfterMs } = options;
  const after = options.after === beforeTheLog ? undefined : options.after;
  const end = new AbortController();
  const members = new Map<Seat, Member>();
  let last = options.after;
  let heardAt = now();
  /** Of an event that the log had at the last look, and that had not come. */
  let missed: bigint | undefined;

  const tell = (message: SubscriptionMessage) => {
    const category = message.kind === "event" ? categoryOf(message.event.stream) : undefined;
    for (const member of members.values()) {
      const isForMember = category === undefined ? message.kind !== "event" : member.wants.has(category);
      if (!isForMember) continue;
      member.toldAt = heardAt;
      member.seat.push(message);
    }
  };
  const tellOfLife = () => {
    for (const member of members.values()) {
      if (heardAt - member.toldAt < toldEveryMs) continue;
      member.toldAt = heardAt;
      member.seat.push({ kind: "checkpoint", position: last });
    }
  };
  const pump = async () => {
    for await (const messages of inChunks(eventStore.subscribe({ categories, after, signal: end.signal }))) {
      heardAt = now();
      for (const message of messages) {
        if (message.kind === "event") last = message.event.position;
        tell(message);
      }
      see(last);
      tellOfLife();
    }
  };
  const close = () => {
    if (end.signal.aborted) return;
    clearInterval(looking);
    end.abort();
    ended();
    for (const { seat } of members.values()) seat.close();
    members.clear();
  };

  /** Where nothing is written nothing comes: whether that is so the log says. */
  const look = async () => {
    if (now() - heardAt < deadAfterMs) return;
    const known = last;
    const [first, second] = await readTwo(known === beforeTheLog ? undefined : known);
    if (last !== known || end.signal.aborted) return;
    const next = known === beforeTheLog ? first : second;
    if (next !== undefined) {
      // It may be on its way.
      if (missed !== undefined && known < missed) return close();
      missed = next;
    } else if (known === beforeTheLog || first === known) {
      heardAt = now();
      tellOfLife();
    }
  };
  const readTwo = async (fromPosition: bigint | undefined): Promise<readonly bigint[]> => {
    const found: bigint[] = [];
    const range = { categories, maxCount: 2, signal: end.signal, ...(fromPosition !== undefined && { fromPosition }) };
    for await (const { position } of eventStore.readAll(range)) if (found.push(position) === 2) break;
    return found;
  };
  // What fails says nothing: who is silent for long is left by its members.
  const looking = setInterval(() => look().catch(() => {}), lookEveryMs).unref();

  // What failed is found out by each member when it reads on its own.
  pump().then(close, close);
  return {
    sit(wanted) {
      if (end.signal.aborted) return undefined;
      const seat = openSeat(last, () => {
        members.delete(seat);
        if (members.size === 0 || now() - heardAt > deadAfterMs) close();
      });
      members.set(seat, { seat, wants: new Set(wanted), toldAt: heardAt });
      return seat;
    },
  };
}
