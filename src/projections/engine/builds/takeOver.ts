import type { EventStore } from "../../../event-store/types.ts";
import type { Logger } from "../../../platform/logger.ts";
import { beforeTheLog } from "../core/batch.ts";
import type { Build } from "../core/build.ts";
import { subscribedCategories } from "../core/declaration.ts";
import { highestPosition, lowestPosition } from "../core/positions.ts";
import type { BuildCatalog, Failure } from "../ports/buildCatalog.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";
import { pause, type Timing } from "../timing.ts";

export type TakeOverDependencies = {
  readonly store: ReadModelStore;
  readonly catalog: Pick<BuildCatalog, "buildsOf" | "failures">;
  readonly eventStore: Pick<EventStore, "subscribe">;
  readonly logger: Logger;
  readonly timing: Pick<Timing, "buildsEvery" | "takeOver">;
  /** Publishes that the builds of the read model changed. */
  readonly announce: (readModel: string) => Promise<void>;
};

/** How often the new build's checkpoints are read while it is waited for. */
const lookEveryMs = 10;

/** A build that has more events than this before it is not waited for. */
const mostToPass = 20_000;

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
    if (attempt === "taken") {
      logger.info({ build: build.name }, "the build is live");
      return dependencies.announce(build.readModel.name);
    }
    await pause(timing.buildsEvery / 4, stop);
  }
}

/** What attempts remember: where the log once ended. A build with nothing to be compared with has only to come to that. */
export type TakeOverMemory = { logEnd?: bigint };

/**
 * One attempt (rules 17 and 18): the new build must have passed, in each partition, the last event of its own categories at
 * or before the old one's highest position, or at the log's end if there is no old one or it refuses this log; and park no
 * key that the old one has not parked at the same event or before. `over`: the build is live already, or has ended.
 */
export async function tryTakeOver(
  dependencies: TakeOverDependencies,
  build: Build,
  stop: AbortSignal,
  memory: TakeOverMemory = {},
): Promise<"taken" | "not yet" | "over"> {
  const { store, catalog, eventStore, timing } = dependencies;
  const builds = await catalog.buildsOf(build.readModel);
  const own = builds.find(({ name }) => name === build.name);
  if (own === undefined || own.state === "live") return "over";
  const previous = builds.find(({ state }) => state === "live")?.build;

  const passed = async (highest: bigint): Promise<boolean> => {
    const late = AbortSignal.any([stop, AbortSignal.timeout(timing.takeOver)]);
    const lowest = lowestPosition(await store.checkpoints(build));
    const known = highest === endOfLog ? memory.logEnd : undefined;
    const mustPass = known ?? (await lastOwnEvent(eventStore, build, lowest, highest, late));
    if (highest === endOfLog && mustPass !== undefined) memory.logEnd = mustPass;
    // From here on: on a busy machine reading the log alone may take what the build is given to catch up.
    const until = performance.now() + timing.takeOver;
    while (mustPass !== undefined) {
      if (lowestPosition(await store.checkpoints(build)) >= mustPass) return true;
      if (performance.now() >= until || stop.aborted) return false;
      await pause(lookEveryMs, stop);
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
  const taken = await store.takeOver(build, previous, async (position) =>
    compared === undefined ? true : mayTakeOver(position),
  );
  return taken ? "taken" : "not yet";
}

const isMismatch = ({ kind }: Failure) => kind === "log_mismatch";

/** Above every position. */
const endOfLog = 2n ** 63n - 1n;

/**
 * The last event at or before `highest` that the build is fed, if it stands after `after`; else `after`. Undefined when there
 * are too many of them, or it takes too long to say.
 */
async function lastOwnEvent(
  eventStore: Pick<EventStore, "subscribe">,
  { readModel }: Build,
  after: bigint,
  highest: bigint,
  signal: AbortSignal,
): Promise<bigint | undefined> {
  const leave = new AbortController();
  let last = after;
  let left = mostToPass;
  const subscription = eventStore.subscribe({
    categories: subscribedCategories(readModel),
    after: after === beforeTheLog ? undefined : after,
    signal: AbortSignal.any([leave.signal, signal]),
  });
  for await (const message of subscription) {
    if (message.kind === "event" && message.event.position <= highest) {
      last = message.event.position;
      if (left-- === 0) return undefined;
    }
    if (message.kind === "caughtUp" || (message.kind === "event" && message.event.position > highest)) leave.abort();
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
  const known = new Map(old.toReversed().map(({ key, position }) => [key, position]));
  return mine.some(({ key, position }) => {
    const before = known.get(key);
    return before === undefined || before > position;
  });
}
