import { categories } from "../../../../domain/streams.ts";
import type { Codec } from "../../../../event-store/codec.ts";
import type { EventStore } from "../../../../event-store/types.ts";
import type { Logger } from "../../../../platform/logger.ts";
import { refusing } from "../../apply/workerDiedError.ts";
import { beforeTheLog, type LogPoint } from "../../core/batch.ts";
import type { Build } from "../../core/build.ts";
import { maxErrorLength } from "../../core/parkingLimits.ts";
import { findMismatch, LogMismatch } from "../../log/logCheck.ts";
import { readSkipsById } from "../../log/skips.ts";
import type { BuildCatalog } from "../../ports/buildCatalog.ts";
import type { ReadModelStore } from "../../ports/readModelStore.ts";
import type { Timing } from "../../timing.ts";
import { type Caution, normal } from "./caution.ts";
import { openFillProgress } from "./fillProgress.ts";
import { foldUntil } from "./foldUntil.ts";
import { openSegment, type Segment } from "./segment.ts";
import { createSegmentSize } from "./segmentSize.ts";

export type FillLimits = {
  /** The maximum number of rows in memory, at which the segment is written. Measured: some 600 bytes per row. */
  readonly rows: number;
  /** Events folded between two turns of the event loop. */
  readonly eventsAtOnce: number;
};
export const defaultFillLimits: FillLimits = { rows: 300_000, eventsAtOnce: 1_000 };

export type FillDependencies = {
  readonly store: ReadModelStore;
  readonly catalog: Pick<BuildCatalog, "reportProgress" | "forgetFillStarts" | "list">;
  readonly eventStore: Pick<EventStore, "subscribe" | "readAll" | "readLogAt" | "readLogEnd" | "readStream">;
  readonly codec: Codec;
  readonly logger: Logger;
  readonly timing: Pick<Timing, "silence" | "logLag">;
};

/**
 * `filled`: the build reached the end of the log at that time, and the dispatcher takes over; `fed`: its checkpoints differ, so
 * it already receives live events; `moved`: another process wrote in the meantime, so nothing was written; `stopped`: what was
 * not written is folded again next time.
 */
export type FillOutcome = "filled" | "fed" | "moved" | "stopped";

/** An event was skipped by operators while a segment with it was being written: no build may contain it. */
export class SkippedWhileFilled extends Error {
  override readonly name = "SkippedWhileFilled";
}

/**
 * Folds the log in memory from the build's checkpoints, and writes the result: once at the end, or whenever too many rows are
 * in memory. Each write advances all checkpoints, so that an interrupted fill continues from the last one; the last write to the
 * end of the log, so that a build with few events need not be read from far back later. Poison events are parked. `care`: how to
 * proceed past events that may have killed processes. Rejects with LogMismatch, TooManyParked, SkippedWhileFilled, UnknownEvent,
 * or as the stores do; it may be repeated.
 */
export async function fillBuild(
  dependencies: FillDependencies,
  build: Build,
  stop: AbortSignal,
  limits: FillLimits = defaultFillLimits,
  care: Caution = normal,
): Promise<FillOutcome> {
  const { store, catalog, eventStore, timing } = dependencies;
  await store.open(build);
  const progress = await openFillProgress(dependencies, build);
  const size = createSegmentSize(care);
  /** A store without transactions may have written rows of a segment that it refused: they have seen its events (rule 23b). */
  let wasRefused = false;

  while (!stop.aborted) {
    const begun = await beginSegment(dependencies, build, size.isQuarantined(), wasRefused);
    if (begun === "fed") return "fed";
    const { segment, from, skipped, mayHaveRows } = begun;
    const end = await lastEvent(eventStore);
    const full = () => segment.rows() >= limits.rows || segment.events() >= size.limit();
    const eventsAtOnce = Math.min(limits.eventsAtOnce, size.limit());
    const folding = {
      eventStore,
      silenceMs: timing.silence,
      lagMs: timing.logLag,
      end,
      progress,
      eventsAtOnce,
      full,
      stop,
    };
    const ended = await foldUntil(folding, build, segment, from);
    if (stop.aborted) return "stopped";
    const events = segment.events();
    if ((await skippedSince(dependencies, build, skipped, segment, from)) !== undefined) {
      continue;
    }
    const written = await writeSegment(dependencies, build, segment, mayHaveRows, stop);
    // Also of a write that was stopped or refused: a store without transactions may have rows of the segment.
    const late = written === "moved" ? undefined : await skippedSince(dependencies, build, skipped, segment, from);
    if (late !== undefined) throw new SkippedWhileFilled(`event ${late} was skipped when it had been folded`);
    if (written === "stopped") return "stopped";
    if (written === "moved") {
      if (await hasMoved(store, build, from)) return "moved";
      dependencies.logger.info({ build: build.name }, "parked events were retried meanwhile; refolding the segment");
      continue;
    }
    if (written === "refused") {
      wasRefused = true;
      size.refused(events);
      continue;
    }
    progress.readTo(segment.upTo().position);
    if (size.written(events)) await catalog.forgetFillStarts(build);
    await progress.report(true);
    if (ended) return "filled";
  }
  return "stopped";
}

/** A segment from the build's checkpoints, with what must not change until it is written. */
async function beginSegment(
  { store, eventStore, codec, timing }: FillDependencies,
  build: Build,
  isQuarantined: boolean,
  wasRefused: boolean,
) {
  const checkpoints = await store.checkpoints(build);
  const from = checkpoints[0] ?? { position: beforeTheLog, eventId: "" };
  if (checkpoints.some(({ position }) => position !== from.position)) return "fed";
  const mismatch = await findMismatch(eventStore, [from], timing.logLag);
  if (mismatch !== undefined) throw new LogMismatch(`event ${from.eventId} at ${from.position}: ${mismatch.found}`);
  const skipped = await readSkipsById(eventStore, codec, build.readModel.name);
  // After the checkpoints, whose versions reveal retries since.
  const parked = await store.parkedKeys(build);
  // A key without a partition is parked in several partitions; its first event counts, and keys are in the order of
  // their first events.
  const parkedBefore = parked.toReversed().map(({ key, position }) => [key, position] as const);
  const parkedVersions = checkpoints.map(({ parkedVersion }) => parkedVersion);
  const mayHaveRows = wasRefused || from.position !== beforeTheLog;
  const known = { skipped, parkedBefore, parkedVersions, mayHaveRows };
  const careful = isQuarantined ? refusingFirst(codec) : codec;
  return { segment: openSegment({ store, codec: careful, build, ...known }, from), from, skipped, mayHaveRows };
}

/** An event that was folded in the segment and that operators have skipped since the segment started. */
async function skippedSince(
  { eventStore, codec }: FillDependencies,
  { readModel }: Build,
  known: ReadonlyMap<string, bigint>,
  segment: Segment,
  from: LogPoint,
): Promise<string | undefined> {
  if (segment.events() === 0) return undefined;
  for (const [eventId, position] of await readSkipsById(eventStore, codec, readModel.name)) {
    if (known.has(eventId) || position <= from.position || position > segment.upTo().position) continue;
    if (!segment.parks(eventId)) return eventId;
  }
  return undefined;
}

const hasMoved = async (store: ReadModelStore, build: Build, from: LogPoint) =>
  (await store.checkpoints(build)).some(({ position }) => position !== from.position);

/**
 * Writes a segment. `refused`: one of its events cannot be stored; a smaller segment shows which. A single event is parked, but only if it
 * was folded over the rows that an earlier attempt may have written.
 */
async function writeSegment(
  { store, logger }: FillDependencies,
  build: Build,
  segment: Segment,
  mayHaveRows: boolean,
  stop: AbortSignal,
): Promise<"written" | "moved" | "refused" | "stopped"> {
  const events = segment.events();
  if (!segment.advances()) return "written";
  try {
    return await store.fill(build, segment.toFill(), stop);
  } catch (error) {
    if (stop.aborted && error === stop.reason) return "stopped";
    if (store.classify(error) !== "refused") throw error;
    logger.warn({ err: error, build: build.name, events }, "the store refuses a segment; searching for the event");
    if (events > 1 || !mayHaveRows) return "refused";
    logger.error({ err: error, build: build.name, position: String(segment.upTo().position) }, "a poison event");
    return store.fill(build, segment.parkOnly((error as Error).message.slice(0, maxErrorLength)));
  }
}

/** The last event that any read model may be fed. */
async function lastEvent(eventStore: Pick<EventStore, "readAll">): Promise<LogPoint | undefined> {
  for await (const { position, id } of eventStore.readAll({ categories, direction: "backwards", maxCount: 1 }))
    return { position, eventId: id };
  return undefined;
}

/** A codec that refuses the first event, at which processes died. */
function refusingFirst(codec: Codec): Codec {
  let careful: Codec | undefined;
  return {
    ...codec,
    decode(event) {
      careful ??= refusing(codec, event.id);
      return careful.decode(event);
    },
  };
}
