import { laneKeyOf } from "../../../domain/laneKeys.ts";
import type { RecordedEvent } from "../../../event-store/types.ts";
import type { Batch, LogPoint } from "../batch.ts";
import type { Build } from "../build.ts";
import { laneOf } from "../lane.ts";
import type { Timing } from "../timing.ts";

/** The most that one batch carries: events, and UTF-16 units of their data as JSON. */
const maxEvents = 500;
const maxSize = 1024 * 1024;

/** A lane gets an empty batch, without waiting for `timing.idle`, when this many events went to others since its last. */
const farEvents = 5_000;

/**
 * A run of batches from one opening of the subscription to the next. Each batch of a lane begins where the one before
 * ended, the first where the subscription was opened; so a lane's checkpoint shows whether a batch was lost before it.
 */
export type Chain = {
  readonly id: string;
  readonly build: Build;
  /** The position that the subscription was opened from (exclusive). */
  readonly from: bigint;
  readonly lanes: readonly Lane[];
  /** The last delivered event, of whatever lane. */
  cursor: LogPoint | undefined;
  /** What lies in the lanes' buffers together, in units of data. */
  buffered: number;
};

type Lane = {
  readonly number: number;
  buffer: { event: RecordedEvent; size: number }[];
  /** `upTo` of the last batch cut: where the next one begins, and how far this lane was sent. */
  after: bigint;
  /** How far the lane is known to have come. */
  applied: bigint;
  /** Since when the buffer holds something (ms), or, if it is empty, since when the lane is behind the cursor. */
  since: number | undefined;
  /** Events of other lanes that were delivered since the lane's last batch. */
  passed: number;
};

export function openChain(id: string, build: Build, from: bigint): Chain {
  const lanes = Array.from({ length: build.lanes }, (_, number) => ({
    number,
    buffer: [],
    after: from,
    applied: from,
    since: undefined,
    passed: 0,
  }));
  return { id, build, from, lanes, cursor: undefined, buffered: 0 };
}

/** Takes a delivered event into the buffer of its lane; one without a lane key concerns every lane. */
export function accept(chain: Chain, event: RecordedEvent, now: number): void {
  const laneKey = laneKeyOf(chain.build.readModel.laneKey, event.stream, event.data);
  const size = JSON.stringify(event.data)?.length ?? 0;
  const concerned = laneKey === undefined ? undefined : laneOf(laneKey, chain.lanes.length);
  for (const lane of chain.lanes) {
    if (concerned === undefined || lane.number === concerned) {
      if (lane.buffer.length === 0) lane.since = now;
      lane.buffer.push({ event, size });
      chain.buffered += size;
    } else if (lane.buffer.length === 0) {
      lane.since ??= now;
      lane.passed++;
    }
  }
  chain.cursor = { position: event.position, eventId: event.id };
}

/** Notes that a lane's checkpoint has come to `position`. */
export function noteApplied(chain: Chain, lane: number, position: bigint): void {
  const state = chain.lanes[lane];
  if (state !== undefined && position > state.applied) state.applied = position;
}

/**
 * Cuts what is ripe into batches, in order, a lane's `after` moving with each. A lane with events is ripe when it has
 * applied all that it was sent, when a batch is full, or when it has lingered; one without gets an empty batch when it is
 * far behind the last delivered event, or has been for `timing.idle`, so that its checkpoint holds no restart back.
 */
export function cutRipe(chain: Chain, now: number, timing: Pick<Timing, "linger" | "idle">): Batch[] {
  const batches: Batch[] = [];
  for (const lane of chain.lanes) {
    while (lane.buffer.length > 0 && isRipe(lane, now, timing.linger)) batches.push(cut(chain, lane, now));
    const { cursor } = chain;
    if (lane.buffer.length > 0 || cursor === undefined || lane.after >= cursor.position) continue;
    lane.since ??= now;
    if (lane.passed >= farEvents || now - lane.since >= timing.idle) batches.push(link(chain, lane, cursor, []));
  }
  return batches;
}

function isRipe(lane: Lane, now: number, linger: number): boolean {
  return lane.applied >= lane.after || lane.buffer.length >= maxEvents || now - (lane.since ?? now) >= linger;
}

function cut(chain: Chain, lane: Lane, now: number): Batch {
  let size = 0;
  let count = 0;
  for (const item of lane.buffer) {
    if (count === maxEvents || (count > 0 && size + item.size > maxSize)) break;
    size += item.size;
    count++;
  }
  const events = lane.buffer.splice(0, count).map((item) => item.event);
  const last = events.at(-1);
  if (last === undefined) throw new Error("a batch is cut from a lane without events");
  chain.buffered -= size;
  const batch = link(chain, lane, { position: last.position, eventId: last.id }, events);
  if (lane.buffer.length > 0) lane.since = now;
  return batch;
}

function link(chain: Chain, lane: Lane, upTo: LogPoint, events: readonly RecordedEvent[]): Batch {
  const { after, number } = lane;
  lane.after = upTo.position;
  lane.since = undefined;
  lane.passed = 0;
  return { build: chain.build.schema, chain: chain.id, lane: number, after, upTo, events };
}
