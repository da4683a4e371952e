import { projectionsStream } from "../../../domain/operations/events.ts";
import { partitionKeyOf } from "../../../domain/partitionKeys.ts";
import type { RecordedEvent } from "../../../event-store/types.ts";
import type { Timing } from "../timing.ts";
import type { Batch, KeyedEvent, LogPoint } from "./batch.ts";
import type { Build } from "./build.ts";
import { concernOf } from "./concern.ts";
import { dataSize } from "./dataSize.ts";
import { partitionOf } from "./partition.ts";

/** The most that one batch carries: events, and UTF-16 units of their data as JSON. */
const maxEvents = 2_000;
const maxSize = 1024 * 1024;

/** What an event takes beside its data, about. */
const bytesOfEvent = 500;

/** A partition gets an empty batch, without waiting for `timing.idle`, when this many events went to others since its last. */
const farEvents = 5_000;

/**
 * A run of batches from one opening of the subscription to the next. Each batch of a partition begins where the one before
 * ended, the first where the subscription was opened; so a partition's checkpoint shows whether a batch was lost before it.
 */
export type Epoch = {
  readonly id: string;
  readonly build: Build;
  /** The position that the subscription was opened from (exclusive). */
  readonly from: bigint;
  readonly partitions: readonly Partition[];
  /** Ids of the events that operators skip in this read model. */
  readonly skipped: Set<string>;
  /** The last delivered event, of whatever partition. */
  cursor: LogPoint | undefined;
  /** What lies in the partitions' buffers together, in units of data. */
  buffered: number;
};

type Partition = {
  readonly number: number;
  buffer: { event: KeyedEvent; size: number }[];
  /** `upTo` of the last batch cut: where the next one begins, and how far this partition was sent. */
  after: bigint;
  /** How far the partition is known to have come. */
  applied: bigint;
  /** Since when the buffer holds something (ms), or, if it is empty, since when the partition is behind the cursor. */
  since: number | undefined;
  /** Events of other partitions that were delivered since the partition's last batch. */
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
 * Takes a delivered event into the buffer of its partition. One that is handled and has no partition key concerns every
 * partition. One that is skipped, or that the read model does not handle, only moves the cursor; of a type that is unknown
 * here a worker must say whether that is so. Returns whether something may be ripe sooner than it was: a partition that has begun to
 * gather or to be behind, or has a full batch.
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

/** All fields by name: V8 takes microseconds for a spread to which a property is added. */
function withKey(event: RecordedEvent, key: string | undefined): KeyedEvent {
  const { id, type, stream, revision, position, created, data, metadata } = event;
  return { id, type, stream, revision, position, created, data, metadata, key };
}

/** A skip that is recorded while the epoch runs; an epoch that opens later reads them all first. */
function noteSkip({ build, skipped }: Epoch, { type, stream, data }: RecordedEvent): void {
  if (stream !== projectionsStream || type !== "ParkedEventSkipped") return;
  const { readModel, eventId } = data as { readModel?: unknown; eventId?: unknown };
  if (readModel === build.readModel.name && typeof eventId === "string") skipped.add(eventId);
}

/** Notes an event that concerned no partition but `concerned`. Returns whether one begins to be behind, or is now far behind. */
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

/** Notes that a partition's checkpoint has come to `position`. */
export function noteApplied(epoch: Epoch, partition: number, position: bigint): void {
  const state = epoch.partitions[partition];
  if (state !== undefined && position > state.applied) state.applied = position;
}

/**
 * Cuts what is ripe into batches, in order, a partition's `after` moving with each. A partition with events is ripe when it has
 * applied all that it was sent and has gathered for `gather` ms, when a batch is full, or when it has lingered; one without gets an
 * empty batch when it is far behind the last delivered event, or has been for `timing.idle`, so that its checkpoint holds no
 * restart back.
 */
export function cutRipe(epoch: Epoch, now: number, timing: Pick<Timing, "linger" | "idle">, gather = 0): Batch[] {
  const batches: Batch[] = [];
  for (const partition of epoch.partitions) {
    while (partition.buffer.length > 0 && ripeIn(partition, now, timing.linger, gather) <= 0)
      batches.push(cut(epoch, partition, now));
    const { cursor } = epoch;
    if (partition.buffer.length > 0 || cursor === undefined || partition.after >= cursor.position) continue;
    partition.since ??= now;
    if (partition.passed >= farEvents || now - partition.since >= timing.idle)
      batches.push(link(epoch, partition, cursor, []));
  }
  return batches;
}

/** How long it takes, in ms, until something is ripe if nothing happens meanwhile, a minute at most; it may be ripe already. */
export function nextRipeIn(epoch: Epoch, now: number, timing: Pick<Timing, "linger" | "idle">, gather: number): number {
  let soonest = 60_000;
  for (const partition of epoch.partitions) {
    const { buffer, after, since = now } = partition;
    if (buffer.length > 0) soonest = Math.min(soonest, ripeIn(partition, now, timing.linger, gather));
    else if (epoch.cursor !== undefined && after < epoch.cursor.position)
      soonest = Math.min(soonest, timing.idle - (now - since));
  }
  return Math.max(0, soonest);
}

/** Of a partition with events. */
function ripeIn(partition: Partition, now: number, linger: number, gather: number): number {
  if (partition.buffer.length >= maxEvents) return 0;
  const waits = partition.applied >= partition.after ? Math.min(gather, linger) : linger;
  return waits - (now - (partition.since ?? now));
}

function cut(epoch: Epoch, partition: Partition, now: number): Batch {
  let size = 0;
  let count = 0;
  for (const item of partition.buffer) {
    if (count === maxEvents || (count > 0 && size + item.size > maxSize)) break;
    size += item.size;
    count++;
  }
  const events = partition.buffer.splice(0, count).map((item) => item.event);
  const last = events.at(-1);
  if (last === undefined) throw new Error("a batch is cut from a partition without events");
  epoch.buffered -= size + count * bytesOfEvent;
  const batch = link(epoch, partition, { position: last.position, eventId: last.id }, events);
  if (partition.buffer.length > 0) partition.since = now;
  return batch;
}

function link(epoch: Epoch, partition: Partition, upTo: LogPoint, events: readonly KeyedEvent[]): Batch {
  const { after, number } = partition;
  partition.after = upTo.position;
  partition.since = undefined;
  partition.passed = 0;
  return { build: epoch.build.name, epoch: epoch.id, partition: number, after, upTo, events };
}
