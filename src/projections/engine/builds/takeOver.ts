import type { Codec } from "../../../event-store/codec.ts";
import type { EventStore } from "../../../event-store/types.ts";
import type { Logger } from "../../../platform/logger.ts";
import type { Build } from "../core/build.ts";
import { findMismatch } from "../log/logCheck.ts";
import { LogBehind } from "../log/readUpTo.ts";
import type { BuildCatalog, Failure } from "../ports/buildCatalog.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";
import { pause, type Timing } from "../timing.ts";
import { findFoldedSkip, replaceBuild } from "./foldedSkips.ts";
import { hasPassed, type Target, type TargetMemory, targetOf } from "./takeOverTarget.ts";

export type TakeOverDependencies = {
  readonly store: ReadModelStore;
  readonly catalog: Pick<BuildCatalog, "buildsOf" | "failures" | "add" | "replace">;
  readonly eventStore: Pick<EventStore, "readAll" | "readStream" | "readLogAt">;
  readonly codec: Codec;
  readonly logger: Logger;
  readonly timing: Pick<Timing, "watchEvery" | "takeOver" | "logLag">;
  /** Publishes that the builds of the read model changed. */
  readonly announce: (readModel: string) => Promise<void>;
};

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
      logger.warn({ err: error, build: build.name }, "a build cannot take over; retrying");
      return "waiting" as const;
    });
    if (attempt === "ended") return;
    if (attempt !== "waiting") {
      logger.info({ build: build.name }, attempt === "live" ? "the build is live" : "the build is being replaced");
      return dependencies.announce(build.readModel.name);
    }
    await pause(timing.watchEvery, stop);
  }
}

/** The state that attempts share; `isLive`: the build went live, but a step after the swap failed. */
export type TakeOverMemory = TargetMemory & { isLive?: boolean };

/**
 * Makes one attempt (rules 17 and 18): the new build must have passed its target, and park no key that the old one has
 * not parked at the same event or before. `live`: it took over; `waiting`: it may not yet; `replaced`: it contains an
 * event that was skipped after it had been folded (rule 19e), so another build was added; `ended`: the build is live
 * already, or has ended.
 */
export async function tryTakeOver(
  dependencies: TakeOverDependencies,
  build: Build,
  stop: AbortSignal,
  memory: TakeOverMemory = {},
): Promise<"live" | "waiting" | "replaced" | "ended"> {
  const { store, catalog } = dependencies;
  const builds = await catalog.buildsOf(build.readModel);
  const own = builds.find(({ name }) => name === build.name);
  if (own?.state === "live" && memory.isLive === true) return rebuildIfLate(dependencies, build);
  if (own === undefined || own.state === "live") return "ended";
  const previous = builds.find(({ state }) => state === "live")?.build;

  // The positions of a build with a log mismatch belong to another log, or to deleted events: they cannot be compared.
  const refuses = previous !== undefined && (await catalog.failures(previous)).some(isMismatch);
  let compared = refuses ? undefined : previous;
  let isBehind = false;
  const mayTakeOver = async (target: Target) => {
    try {
      return (
        (await hasPassed(dependencies, build, target, memory, stop)) &&
        (compared === undefined || !(await parksMore(store, build, compared)))
      );
    } catch (error) {
      if (!(error instanceof LogBehind)) throw error;
      isBehind = true;
      return false;
    }
  };

  // Locks nothing for a build that is far behind or parks too much. The old build applies events until it is locked, so
  // all checks are repeated then. Without a build to compare, it is enough to have reached the end of the log once,
  // because the end moves under load.
  let may = await mayTakeOver(await targetOf(store, compared));
  // No other process may be checking a build of another release.
  if (isBehind && compared !== undefined && (await isOfOtherLog(dependencies, compared, stop))) {
    compared = undefined;
    may = await mayTakeOver({ kind: "logEnd" });
  }
  if (!may) return "waiting";
  const folded = await findFoldedSkip(dependencies, build);
  if (folded !== undefined) {
    await replaceBuild(catalog, build, `event ${folded} was skipped when the build had folded it`);
    return "replaced";
  }
  const isLive = await store.takeOver(build, previous, async (highest) => {
    if (compared !== undefined && !(await mayTakeOver({ kind: "build", highest }))) return false;
    return (await findFoldedSkip(dependencies, build)) === undefined;
  });
  if (!isLive) return "waiting";
  memory.isLive = true;
  return rebuildIfLate(dependencies, build);
}

/**
 * Returns whether the log, which ended before a position of the build, is another one: then it still ends there after
 * `Timing.logLag` (rule 5).
 */
async function isOfOtherLog(
  { store, eventStore, timing }: TakeOverDependencies,
  build: Build,
  stop: AbortSignal,
): Promise<boolean> {
  return (await findMismatch(eventStore, await store.checkpoints(build), timing.logLag, stop)) !== undefined;
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

/**
 * Returns whether a key is parked in `next` that `previous` has not parked at the same event or before: it may not take over
 * then.
 */
export async function parksMore(
  store: Pick<ReadModelStore, "parkedKeys">,
  next: Build,
  previous: Build,
): Promise<boolean> {
  const [mine, old] = await Promise.all([store.parkedKeys(next), store.parkedKeys(previous)]);
  // A key without a partition may be parked in several; its first event counts, and keys are in the order of their
  // first events. A key whose retry has begun may already have been applied in part.
  const notRetried = old.filter(({ retryBegun }) => retryBegun !== true);
  const known = new Map(notRetried.toReversed().map(({ key, position }) => [key, position]));
  return mine.some(({ key, position }) => {
    const before = known.get(key);
    return before === undefined || before > position;
  });
}
