import { projectionsStream } from "../../../domain/operations/events.ts";
import { partitionKeyOf } from "../../../domain/partitionKeys.ts";
import type { RecordedEvent } from "../../../event-store/types.ts";
import type { Timing } from "../timing.ts";
import { type Batch, type KeyedEvent, type LogPoint, withKey } from "./batch.ts";
import type { Build } from "./build.ts";
import { concernOf } from "./concern.ts";
import { dataSize } from "./dataSize.ts";
import { partitionOf } from "./partition.ts";

/** The maximum size of a batch: events, and UTF-16 units of their data as JSON. */
const maxEvents = 2_000;
const maxSize = 1024 * 1024;

/** The approximate overhead of an event besides its data. */
const bytesOfEvent = 500;

/**
 * From this time to linger on (ms), the idle partitions of a build are cut at different moments, spread evenly: all their large batches at once
 * keep commands waiting. While processors have room batches are small, and those of several partitions share a statement.
 */
const spreadFrom = 250;

/**
 * A partition is far behind after this many events of others: it gets an empty batch without waiting for `timing.idle`, and a build of
 * which none came is told how far the others are.
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
  readonly partitions: readonly Partition[];
  /** Ids of the events skipped in this read model. */
  readonly skipped: Set<string>;
  /** The last delivered event, of any partition, or a later one of another build before which nothing is undelivered. */
  cursor: LogPoint | undefined;
  /** The total size of the partitions' buffers, in units of data. */
  buffered: number;
};

type Partition = {
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
  if (stream !== projectionsStream || type !== "ParkedEventSkipped") return;
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

/**
 * Cuts ready events into batches, in order, advancing each partition's `after`. A partition with events is ready if it has
 * applied everything sent to it and has lingered for about `lingerIdle` ms, if a batch is full, or after `timing.lingerBusy`; a partition
 * without events gets an empty batch if it is far behind the last delivered event, or has been behind for `timing.idle`, so
 * that its checkpoint does not delay a restart.
 */
export function cutReady(
  epoch: Epoch,
  now: number,
  timing: Pick<Timing, "lingerBusy" | "idle">,
  lingerIdle = 0,
): Batch[] {
  const batches: Batch[] = [];
  for (const partition of epoch.partitions) {
    while (partition.buffer.length > 0 && readyIn(partition, now, timing.lingerBusy, lingerIdle) <= 0)
      batches.push(cut(epoch, partition, now));
    const { cursor } = epoch;
    if (partition.buffer.length > 0 || cursor === undefined || partition.after >= cursor.position) continue;
    partition.since ??= now;
    if (partition.passed >= farEvents || now - partition.since >= timing.idle)
      batches.push(closeBatch(epoch, partition, cursor, []));
  }
  return batches;
}

/** In how many ms something is ready if nothing else happens, at most 60,000; 0 if something is ready now. */
export function nextReadyIn(
  epoch: Epoch,
  now: number,
  timing: Pick<Timing, "lingerBusy" | "idle">,
  lingerIdle: number,
): number {
  let soonest = 60_000;
  for (const partition of epoch.partitions) {
    const { buffer, after, since = now } = partition;
    if (buffer.length > 0) soonest = Math.min(soonest, readyIn(partition, now, timing.lingerBusy, lingerIdle));
    else if (epoch.cursor !== undefined && after < epoch.cursor.position)
      soonest = Math.min(soonest, timing.idle - (now - since));
  }
  return Math.max(0, soonest);
}

/** For a partition with events. */
function readyIn(partition: Partition, now: number, lingerBusy: number, lingerIdle: number): number {
  if (partition.buffer.length >= maxEvents) return 0;
  const { since = now } = partition;
  const busyUntil = since + lingerBusy;
  if (partition.applied < partition.after) return busyUntil - now;
  // At the same moments for a partition of all builds, so that they can share a job: after half to one and a half times `lingerIdle`.
  const offset = lingerIdle < spreadFrom ? 0 : lingerIdle * fractionOf(partition.number);
  const idleUntil =
    lingerIdle > 0 ? Math.ceil((since + lingerIdle / 2 - offset) / lingerIdle) * lingerIdle + offset : since;
  return Math.min(idleUntil, busyUntil) - now;
}

/** 0, 1/2, 1/4, 3/4, 1/8, …: the first few, however many, are spread evenly (van der Corput's sequence). */
function fractionOf(partition: number): number {
  let fraction = 0;
  for (let [rest, digit] = [partition, 0.5]; rest > 0; rest >>= 1, digit /= 2) fraction += (rest & 1) * digit;
  return fraction;
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
  const batch = closeBatch(epoch, partition, { position: last.position, eventId: last.id }, events);
  if (partition.buffer.length > 0) partition.since = now;
  return batch;
}

function closeBatch(epoch: Epoch, partition: Partition, upTo: LogPoint, events: readonly KeyedEvent[]): Batch {
  const { after, number } = partition;
  partition.after = upTo.position;
  partition.since = undefined;
  partition.passed = 0;
  return { build: epoch.build.name, epoch: epoch.id, partition: number, after, upTo, events };
}
