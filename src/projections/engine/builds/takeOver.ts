import type { Codec } from "../../../event-store/codec.ts";
import type { EventStore } from "../../../event-store/types.ts";
import type { Logger } from "../../../platform/logger.ts";
import { beforeTheLog } from "../core/batch.ts";
import type { Build } from "../core/build.ts";
import { subscribedCategories } from "../core/declaration.ts";
import { highestPosition, lowestPosition } from "../core/positions.ts";
import type { BuildCatalog, Failure } from "../ports/buildCatalog.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";
import { pause, type Timing } from "../timing.ts";
import { buildAnew, findFoldedSkip } from "./foldedSkips.ts";

export type TakeOverDependencies = {
  readonly store: ReadModelStore;
  readonly catalog: Pick<BuildCatalog, "buildsOf" | "failures" | "add" | "replace">;
  readonly eventStore: Pick<EventStore, "readAll" | "readStream">;
  readonly codec: Codec;
  readonly logger: Logger;
  readonly timing: Pick<Timing, "watchEvery" | "takeOver">;
  /** Publishes that the builds of the read model changed. */
  readonly announce: (readModel: string) => Promise<void>;
};

/** How often the new build's checkpoints are read while it is waited for. */
const pollEveryMs = 10;

/** A build that has more events than this before it is not waited for. */
const maxEventsToPass = 20_000;

/** Lets a build that is fed become the live one as soon as it may; resolves then, or when stopped. Never rejects. */
export async function takeOverWhenReady(
  dependencies: TakeOverDependencies,
  build: Build,
  stop: AbortSignal,
): Promise<void> {
  const { logger, timing } = dependencies;
  const memory: TakeOverMemory = {};
  while (!stop.aborted) {
    const attempt = await tryTakeOver(dependencies, build, stop, memory).catch((error: unknown) => {
      logger.warn({ err: error, build: build.name }, "a build could not take over; again");
      return "not yet" as const;
    });
    if (attempt === "over") return;
    if (attempt !== "not yet") {
      logger.info({ build: build.name }, attempt === "live" ? "the build is live" : "the build is made anew");
      return dependencies.announce(build.readModel.name);
    }
    await pause(timing.watchEvery, stop);
  }
}

/**
 * What attempts remember: where the log once ended, since a build with nothing to be compared with has only to come to that; and that
 * the build went live, if what follows a swap failed.
 */
export type TakeOverMemory = { logEnd?: bigint; isLive?: boolean };

/**
 * One attempt (rules 17 and 18): the new build must have passed, in each partition, the last event of its own categories at
 * or before the old one's highest position, or at the log's end if there is no old one or it refuses this log; and park no
 * key that the old one has not parked at the same event or before. `failed`: it contains an event that was skipped when it had
 * folded it (rule 19e), so another was added. `over`: the build is live already, or has ended.
 */
export async function tryTakeOver(
  dependencies: TakeOverDependencies,
  build: Build,
  stop: AbortSignal,
  memory: TakeOverMemory = {},
): Promise<"live" | "not yet" | "failed" | "over"> {
  const { store, catalog, eventStore, timing } = dependencies;
  const builds = await catalog.buildsOf(build.readModel);
  const own = builds.find(({ name }) => name === build.name);
  if (own?.state === "live" && memory.isLive === true) return rebuildIfLate(dependencies, build);
  if (own === undefined || own.state === "live") return "over";
  const previous = builds.find(({ state }) => state === "live")?.build;

  const passed = async (highest: bigint): Promise<boolean> => {
    const lowest = lowestPosition(await store.checkpoints(build));
    if (lowest >= highest) return true;
    const late = AbortSignal.any([stop, AbortSignal.timeout(timing.takeOver)]);
    const known = highest === endOfLog ? memory.logEnd : undefined;
    const mustPass = known ?? (await lastOwnEvent(eventStore, build, lowest, highest, late));
    if (highest === endOfLog && mustPass !== undefined) memory.logEnd = mustPass;
    // From here on: on a busy machine reading the log alone may take what the build is given to catch up.
    const until = performance.now() + timing.takeOver;
    while (mustPass !== undefined) {
      if (lowestPosition(await store.checkpoints(build)) >= mustPass) return true;
      if (performance.now() >= until || stop.aborted) return false;
      await pause(pollEveryMs, stop);
    }
    return false;
  };

  // The positions of a build that refuses are those of another log, or of events that are gone: they say nothing of this one.
  const refuses = previous !== undefined && (await catalog.failures(previous)).some(isMismatch);
  const compared = refuses ? undefined : previous;
  const mayTakeOver = async (highest: bigint) =>
    (await passed(highest)) && (compared === undefined || !(await parksMore(store, build, compared)));

  // Nothing is locked for a build that has still a long way to go, or that parks too much. What is found here says nothing of
  // the events that the old build applies until it is locked, so all is asked once more; with nothing to compare, having been
  // at the log's end once is enough: it moves on under load.
  const highest = compared === undefined ? endOfLog : highestPosition(await store.checkpoints(compared));
  if (!(await mayTakeOver(highest))) return "not yet";
  const folded = await findFoldedSkip(dependencies, build);
  if (folded !== undefined) {
    await buildAnew(catalog, build, `event ${folded} was skipped when the build had folded it`);
    return "failed";
  }
  const isLive = await store.takeOver(build, previous, async (position) => {
    if (compared !== undefined && !(await mayTakeOver(position))) return false;
    return (await findFoldedSkip(dependencies, build)) === undefined;
  });
  if (!isLive) return "not yet";
  memory.isLive = true;
  return rebuildIfLate(dependencies, build);
}

/** After the swap: nothing keeps operators from a skip between the last question for skips and the swap. */
async function rebuildIfLate(dependencies: TakeOverDependencies, build: Build): Promise<"live"> {
  const { catalog, logger } = dependencies;
  const late = await findFoldedSkip(dependencies, build);
  if (late === undefined) return "live";
  logger.warn({ build: build.name, eventId: late }, "an event was skipped during the swap; rebuilding");
  await catalog.add(build.readModel, build.partitions, { unless: ["building"] });
  return "live";
}

const isMismatch = ({ kind }: Failure) => kind === "log_mismatch";

/** Above every position. */
const endOfLog = 2n ** 63n - 1n;

/**
 * The last event at or before `highest` that the build is fed, if it is after `after`; else `after`. Undefined when there
 * are too many of them, or it takes too long to say.
 */
async function lastOwnEvent(
  eventStore: Pick<EventStore, "readAll">,
  { readModel }: Build,
  after: bigint,
  highest: bigint,
  signal: AbortSignal,
): Promise<bigint | undefined> {
  let last = after;
  let left = maxEventsToPass;
  const log = eventStore.readAll({
    categories: subscribedCategories(readModel),
    ...(after === beforeTheLog ? {} : { fromPosition: after }),
    signal,
  });
  for await (const { position } of log) {
    if (position > highest) break;
    // A read begins with the event at its position.
    if (position <= after) continue;
    last = position;
    if (left-- === 0) return undefined;
  }
  return signal.aborted ? undefined : last;
}

/** Whether a key is parked in `next` that `previous` has not parked at the same event or before: it may not take over then. */
export async function parksMore(
  store: Pick<ReadModelStore, "parkedKeys">,
  next: Build,
  previous: Build,
): Promise<boolean> {
  const [mine, old] = await Promise.all([store.parkedKeys(next), store.parkedKeys(previous)]);
  // A key without partition may be parked in several: its first event counts, and they come in the order of those.
  // One of which a retry has begun may be shown with its events already.
  const notRetried = old.filter(({ retryBegun }) => retryBegun !== true);
  const known = new Map(notRetried.toReversed().map(({ key, position }) => [key, position]));
  return mine.some(({ key, position }) => {
    const before = known.get(key);
    return before === undefined || before > position;
  });
}
