import type { Timing } from "../timing.ts";
import type { Batch, KeyedEvent, LogPoint } from "./batch.ts";
import { bytesOfEvent, type Epoch, type EpochPartition, farEvents, maxEvents } from "./epoch.ts";

/** The maximum size of a batch, in UTF-16 units of its events' data as JSON. */
const maxSize = 1024 * 1024;

/**
 * From this time to linger on (ms), the idle partitions of a build are cut at different moments, spread evenly: all their large batches at once
 * keep commands waiting. While processors have room batches are small, and those of several partitions share a statement.
 */
const spreadFrom = 250;

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
function readyIn(partition: EpochPartition, now: number, lingerBusy: number, lingerIdle: number): number {
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

function cut(epoch: Epoch, partition: EpochPartition, now: number): Batch {
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

function closeBatch(epoch: Epoch, partition: EpochPartition, upTo: LogPoint, events: readonly KeyedEvent[]): Batch {
  const { after, number } = partition;
  partition.after = upTo.position;
  partition.since = undefined;
  partition.passed = 0;
  return { build: epoch.build.name, epoch: epoch.id, partition: number, after, upTo, events };
}
