import { skipsStreamName } from "../../../domain/operations/streams.ts";
import { partitionKeyOf } from "../../../domain/partitionKeys.ts";
import type { RecordedEvent } from "../../../event-store/types.ts";
import { type KeyedEvent, type LogPoint, withKey } from "./batch.ts";
import type { Build } from "./build.ts";
import { concernOf } from "./concern.ts";
import { dataSize } from "./dataSize.ts";
import { partitionOf } from "./partition.ts";

/** The most events of a batch. */
export const maxEvents = 2_000;

/** The approximate overhead of an event besides its data, in units of data. */
export const bytesOfEvent = 500;

/**
 * A partition is far behind after this many events of others: it gets an empty batch without waiting for `timing.idle`, and a
 * build that received none is sent the position of the others.
 */
export const farEvents = 5_000;

/**
 * The batches between one opening of the subscription and the next. Each batch of a partition starts where the previous one
 * ended, the first where the subscription was opened; so a partition's checkpoint reveals whether an earlier batch was lost.
 */
export type Epoch = {
  readonly id: string;
  readonly build: Build;
  /** The position from which the subscription was opened (exclusive). */
  readonly from: bigint;
  readonly partitions: readonly EpochPartition[];
  /** Ids of the events skipped in this read model. */
  readonly skipped: Set<string>;
  /** The last delivered event, of any partition, or a later one of another build before which nothing is undelivered. */
  cursor: LogPoint | undefined;
  /** The total size of the partitions' buffers, in units of data. */
  buffered: number;
};

/** The state of a partition in an epoch. */
export type EpochPartition = {
  readonly number: number;
  buffer: { event: KeyedEvent; size: number }[];
  /** `upTo` of the last batch: where the next one starts, and how far events were sent to this partition. */
  after: bigint;
  /** The partition's last known checkpoint. */
  applied: bigint;
  /** Since when the buffer has events (ms), or, if it is empty, since when the partition is behind the cursor. */
  since: number | undefined;
  /** Events of other partitions delivered since the partition's last batch. */
  passed: number;
};

export function openEpoch(id: string, build: Build, from: bigint, skipped: ReadonlySet<string> = new Set()): Epoch {
  const partitions = Array.from({ length: build.partitions }, (_, number) => ({
    number,
    buffer: [],
    after: from,
    applied: from,
    since: undefined,
    passed: 0,
  }));
  return { id, build, from, partitions, skipped: new Set(skipped), cursor: undefined, buffered: 0 };
}

/**
 * Adds a delivered event to the buffer of its partition. A handled event without a partition key concerns every partition. A
 * skipped or unhandled event only moves the cursor; if its type is unknown here, a worker must decide. Returns whether
 * something may be ready sooner than before: a partition that started to linger or to be behind, or that has a full batch.
 */
export function accept(epoch: Epoch, event: RecordedEvent, now: number): boolean {
  epoch.cursor = { position: event.position, eventId: event.id };
  noteSkip(epoch, event);
  if (concernOf(epoch.build.readModel, event) === "unhandled" || epoch.skipped.has(event.id)) {
    return pass(epoch, undefined, now);
  }
  const key = partitionKeyOf(epoch.build.readModel.partitionKey, event.stream, event.data);
  const keyed = withKey(event, key);
  const size = dataSize(event);
  const concerned = key === undefined ? undefined : partitionOf(key, epoch.partitions.length);
  let isSooner = false;
  for (const partition of epoch.partitions) {
    if (concerned !== undefined && partition.number !== concerned) continue;
    if (partition.buffer.length === 0) partition.since = now;
    const { length } = partition.buffer;
    isSooner ||= length === 0 || length + 1 === maxEvents;
    partition.buffer.push({ event: keyed, size });
    epoch.buffered += bytesOfEvent + size;
  }
  if (concerned !== undefined) isSooner = pass(epoch, concerned, now) || isSooner;
  return isSooner;
}

/**
 * Moves the cursor to an event of another build: all events of this build up to it were delivered. Its partitions are behind it from now
 * on. Returns the same as `accept`.
 */
export function passTo(epoch: Epoch, upTo: LogPoint, now: number): boolean {
  if (upTo.position <= (epoch.cursor?.position ?? epoch.from)) return false;
  epoch.cursor = upTo;
  return pass(epoch, undefined, now);
}

/** A skip recorded during the epoch; later epochs read all skips first. */
function noteSkip({ build, skipped }: Epoch, { type, stream, data }: RecordedEvent): void {
  if (stream !== skipsStreamName || type !== "ParkedEventSkipped") return;
  const { readModel, eventId } = (data ?? {}) as { readModel?: unknown; eventId?: unknown };
  if (readModel === build.readModel.name && typeof eventId === "string") skipped.add(eventId);
}

/** Counts an event that concerned no partition but `concerned`. Returns whether one starts to be behind, or is now far behind. */
function pass(epoch: Epoch, concerned: number | undefined, now: number): boolean {
  let isSooner = false;
  for (const partition of epoch.partitions) {
    if (partition.number === concerned || partition.buffer.length > 0) continue;
    isSooner ||= partition.since === undefined;
    partition.since ??= now;
    partition.passed++;
    isSooner ||= partition.passed === farEvents;
  }
  return isSooner;
}

/** Records that a partition's checkpoint has reached `position`. */
export function noteApplied(epoch: Epoch, partition: number, position: bigint): void {
  const state = epoch.partitions[partition];
  if (state !== undefined && position > state.applied) state.applied = position;
}
