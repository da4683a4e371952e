import { partitionKeyOf } from "../../../domain/partitionKeys.ts";
import type { RecordedEvent } from "../../../event-store/types.ts";
import type { Build } from "../core/build.ts";
import { asParkingKey, parkingKeyOf, waits } from "../core/parkingKey.ts";
import { foundWhere } from "../core/plan.ts";
import type { PartitionSession } from "../ports/readModelStore.ts";
import type { KeylessEvents } from "./keylessEvents.ts";
import type { Refusal } from "./tryFold.ts";

/** The data of the log that a retry needs: the ids of skipped events, and the events without a key. */
export type ReadLog = { readonly skips: ReadonlySet<string>; readonly keyless: KeylessEvents };

/** The parked events of a key, and what a retry does with them. */
export type RetryPlan = {
  readonly parked: readonly RecordedEvent[];
  /** Of `parked`, those that are not skipped. */
  readonly wanted: readonly RecordedEvent[];
  /**
   * The events to apply, in log order: the first of `wanted`, and the events without a key that the partition has
   * passed.
   */
  readonly tried: readonly RecordedEvent[];
  /** The events that stay parked: the last of `wanted`. */
  readonly left: readonly RecordedEvent[];
  /** The partition as `tried` sees it. */
  readonly seenBy: (session: PartitionSession) => PartitionSession;
};

/**
 * Plans the retry of a key after the event `refused` was refused. If it is an event of the key: the earlier ones are
 * applied, and all events without a key, because the partition has passed the later of these too. If it is an event
 * without a key, which is not parked: nothing is applied, since the rows would lack it.
 */
export async function planRetry(
  session: PartitionSession,
  build: Build,
  key: string,
  { skips, keyless }: ReadLog,
  refused: Refusal | undefined,
): Promise<RetryPlan> {
  const { position } = session.checkpoint;
  const parked = (await session.parked(key)).map(({ event }) => event);
  const above = parked.find((event) => event.position > position);
  if (above !== undefined) throw new Error(`${build.name} parks event ${above.id} above its checkpoint`);
  const wanted = parked.filter(({ id }) => !skips.has(id));
  const [first] = wanted;
  const isOfKey = first !== undefined && keyOf(build, first) !== undefined;
  const passed = isOfKey ? await passedSince(first) : [];
  const seenBy = (seen: PartitionSession) => (isOfKey ? onlyOfKey(seen, build, key) : seen);
  const isRefused = ({ id }: RecordedEvent) => id === refused?.eventId;
  if (passed.some(isRefused)) return { parked, wanted, tried: [], left: wanted, seenBy };
  const found = wanted.findIndex(isRefused);
  const end = found < 0 ? wanted.length : found;
  const tried = end === 0 ? [] : [...wanted.slice(0, end), ...passed].sort(byPosition);
  return { parked, wanted, tried, left: wanted.slice(end), seenBy };

  /** The events without a key that the partition has applied after a parked event of the key. */
  async function passedSince(first: RecordedEvent): Promise<readonly RecordedEvent[]> {
    const since = await keyless.between(first.position, position);
    if (since.length === 0) return since;
    const parkedFrom = await session.parkedKeys();
    return since.filter(
      (event) => !skips.has(event.id) && !waits(parkedFrom, parkingKeyOf({ ...event, key: undefined }), event.position),
    );
  }
}

/** A session in which events find the rows of the key alone: those of other keys are past these events. */
function onlyOfKey(session: PartitionSession, { readModel }: Build, key: string): PartitionSession {
  return {
    ...session,
    find: async (patterns) => foundWhere(readModel, await session.find(patterns), (text) => asParkingKey(text) === key),
  };
}

const keyOf = ({ readModel }: Build, { stream, data }: RecordedEvent) =>
  partitionKeyOf(readModel.partitionKey, stream, data);

const byPosition = (one: RecordedEvent, other: RecordedEvent) => (one.position < other.position ? -1 : 1);
