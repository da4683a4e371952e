import { categories } from "../../../../domain/streams.ts";
import type { Codec } from "../../../../event-store/codec.ts";
import type { EventStore, RecordedEvent } from "../../../../event-store/types.ts";
import type { Logger } from "../../../../platform/logger.ts";
import { refusing } from "../../apply/diedOfIt.ts";
import { beforeTheLog, type LogPoint } from "../../core/batch.ts";
import type { Build } from "../../core/build.ts";
import { subscribedCategories } from "../../core/declaration.ts";
import { highestPosition } from "../../core/positions.ts";
import { findMismatch, LogMismatch } from "../../log/logCheck.ts";
import { readSkipsById } from "../../log/skips.ts";
import { maxErrorLength } from "../../parked/limits.ts";
import type { BuildCatalog } from "../../ports/buildCatalog.ts";
import type { ReadModelStore } from "../../ports/readModelStore.ts";
import type { Timing } from "../../timing.ts";
import { type Caution, carefree } from "./caution.ts";
import { openSegment, type Segment } from "./segment.ts";
import { watchSilence } from "./silence.ts";

/** How often the progress is recorded, in milliseconds. */
const reportEveryMs = 500;
/** The factor by which a refused segment shrinks, until a single event is left to blame. */
const shrinking = 8;

export type FillLimits = {
  /** The maximum number of rows in memory, at which the segment is written. Measured: some 600 bytes per row. */
  readonly rows: number;
  /** Events folded between two turns of the event loop. */
  readonly eventsAtOnce: number;
};
export const defaultFillLimits: FillLimits = { rows: 300_000, eventsAtOnce: 1_000 };

export type FillDependencies = {
  readonly store: ReadModelStore;
  readonly catalog: Pick<BuildCatalog, "reportProgress" | "forgetFillStarts">;
  readonly eventStore: Pick<EventStore, "subscribe" | "readAll" | "readLogAt" | "readLogEnd" | "readStream">;
  readonly codec: Codec;
  readonly logger: Logger;
  readonly timing: Pick<Timing, "silence">;
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
  care: Caution = carefree,
): Promise<FillOutcome> {
  const { store, catalog, eventStore, codec, logger, timing } = dependencies;
  await store.open(build);
  const progress = openProgress(dependencies, build);
  let caution = care;
  let maxEvents = caution.events;
  let writtenEvents = 0;
  /** A store without transactions may have written rows of a segment that it refused: they have seen its events (rule 20). */
  let wasRefused = false;

  while (!stop.aborted) {
    const checkpoints = await store.checkpoints(build);
    const from = checkpoints[0] ?? { position: beforeTheLog, eventId: "" };
    if (checkpoints.some(({ position }) => position !== from.position)) return "fed";
    const mismatch = await findMismatch(eventStore, [from]);
    if (mismatch !== undefined) throw new LogMismatch(`event ${from.eventId} at ${from.position}: ${mismatch.found}`);
    const skips = await readSkipsById(eventStore, codec, build.readModel.name);
    const skipped = new Set(skips.keys());
    // After the checkpoints, whose versions reveal retries since.
    const parkedKeys = (await store.parkedKeys(build)).map(({ key }) => key);
    const parkedVersions = checkpoints.map(({ parkedVersion }) => parkedVersion);

    const careful = caution.condemned ? refusingFirst(codec) : codec;
    const mayHaveRows = wasRefused || from.position !== beforeTheLog;
    const segment = openSegment(
      { store, codec: careful, build, skipped, parkedKeys, parkedVersions, mayHaveRows },
      from,
    );
    const end = await lastEvent(eventStore);
    const ended = await foldUntil(segment, from, () => segment.rows() >= limits.rows || segment.events() >= maxEvents);
    if (stop.aborted) return "stopped";
    if (ended && end !== undefined) segment.passTo(end);
    if ((await skippedSince(skipped, segment, from)) !== undefined) {
      progress.add(-segment.events(), beforeTheLog);
      continue;
    }
    const written = await write(segment, mayHaveRows);
    if (written === "moved") {
      if ((await store.checkpoints(build)).some(({ position }) => position !== from.position)) return "moved";
      logger.info({ build: build.name }, "parked events were retried meanwhile; folding the segment again");
      progress.add(-segment.events(), beforeTheLog);
      continue;
    }
    if (written === "refused") continue;
    const late = await skippedSince(skipped, segment, from);
    if (late !== undefined) throw new SkippedWhileFilled(`event ${late} was skipped when it had been folded`);
    await advanced(segment.events());
    await progress.report(true);
    if (ended) return "filled";
  }
  return "stopped";

  /** Whether the end of the log was reached before `full` returned true. */
  async function foldUntil(segment: Segment, from: LogPoint, full: () => boolean): Promise<boolean> {
    const leave = new AbortController();
    const subscription = eventStore.subscribe({
      categories: subscribedCategories(build.readModel),
      after: from.position === beforeTheLog ? undefined : from.position,
      detail: "essential",
      signal: AbortSignal.any([leave.signal, stop]),
    });
    const silence = watchSilence(timing.silence, () => leave.abort());
    let waiting: RecordedEvent[] = [];
    const add = async () => {
      const events = waiting;
      waiting = [];
      const before = segment.events();
      await silence.except(segment.add(events, full));
      progress.add(segment.events() - before, segment.upTo().position);
      await silence.except(progress.report(false));
    };
    try {
      for await (const message of subscription) {
        silence.heard();
        if (message.kind === "event") waiting.push(message.event);
        else if (message.kind === "checkpoint") progress.add(0, message.position);
        else {
          await add();
          return !full();
        }
        if (waiting.length < Math.min(limits.eventsAtOnce, maxEvents)) continue;
        await add();
        if (full()) return false;
      }
      if (!stop.aborted) throw new Error("the subscription is silent");
      return false;
    } finally {
      silence.end();
      leave.abort();
    }
  }

  /** An event that was folded in the segment and that operators have skipped since the segment started. */
  async function skippedSince(
    known: ReadonlySet<string>,
    segment: Segment,
    from: LogPoint,
  ): Promise<string | undefined> {
    if (segment.events() === 0) return undefined;
    for (const [eventId, position] of await readSkipsById(eventStore, codec, build.readModel.name)) {
      if (known.has(eventId) || position <= from.position || position > segment.upTo().position) continue;
      if (!segment.parks(eventId)) return eventId;
    }
    return undefined;
  }

  /** The suspected events are passed once the events among which processes died are written. */
  async function advanced(events: number): Promise<void> {
    writtenEvents += events;
    if (events === 0 || (caution !== carefree && writtenEvents < caution.suspects && !caution.condemned)) return;
    if (caution !== carefree) maxEvents = caution.events * shrinking;
    caution = carefree;
    await catalog.forgetFillStarts(build);
  }

  /** A single event is parked only if it was folded over the rows that an earlier attempt may have written. */
  async function write(segment: Segment, mayHaveRows: boolean): Promise<"written" | "moved" | "refused"> {
    const events = segment.events();
    try {
      if (!segment.advances()) return "written";
      const written = await store.fill(build, segment.toFill());
      if (caution === carefree) maxEvents *= shrinking;
      return written;
    } catch (error) {
      if (store.classify(error) !== "refused") throw error;
      logger.warn({ err: error, build: build.name, events }, "the store refuses a segment; looking for the event");
      wasRefused = true;
      if (events > 1 || !mayHaveRows) {
        progress.add(-events, beforeTheLog);
        maxEvents = Math.ceil(events / shrinking);
        return "refused";
      }
      logger.error({ err: error, build: build.name, position: String(segment.upTo().position) }, "a poison event");
      return store.fill(build, segment.parkOnly((error as Error).message.slice(0, maxErrorLength)));
    }
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

/** Counts the folded events, and how far the log was read. */
function openProgress({ catalog, eventStore, logger }: FillDependencies, build: Build) {
  let events = 0;
  let position = beforeTheLog;
  let reportedAt = Number.NEGATIVE_INFINITY;
  return {
    add(count: number, lookedTo: bigint): void {
      events += count;
      if (lookedTo > position) position = lookedTo;
    },
    async report(now: boolean): Promise<void> {
      if (!now && performance.now() - reportedAt < reportEveryMs) return;
      reportedAt = performance.now();
      try {
        const end = (await eventStore.readLogEnd()) ?? beforeTheLog;
        const head = highestPosition([{ position: end }, { position }]);
        await catalog.reportProgress(build, { position, events, head });
      } catch (error) {
        // Folding matters more than reporting it.
        logger.warn({ err: error, build: build.name }, "the progress of a fill could not be written down");
      }
    },
  };
}
