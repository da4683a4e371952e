import type { EventStore } from "../../../event-store/types.ts";
import { beforeTheLog } from "../core/batch.ts";
import type { Build } from "../core/build.ts";
import { subscribedCategories } from "../core/declaration.ts";
import { highestPosition, lowestPosition } from "../core/positions.ts";
import { readUpTo } from "../log/readUpTo.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";
import { pause, type Timing } from "../timing.ts";

/**
 * The position that each partition of a build must reach before the build takes over: past the last event of its own categories
 * at or before the highest position of the live build, or at the end of the log if there is no build to be compared with.
 */
export type Target = { readonly kind: "build"; readonly highest: bigint } | { readonly kind: "logEnd" };

/** The end of the log at the first attempt: a build without another to compare with must reach it. */
export type TargetMemory = { logEnd?: bigint };

/** The interval at which the new build's checkpoints are read while it is waited for. */
const pollEveryMs = 10;

/** A build that has more events than this before it is not waited for. */
const maxEventsToPass = 20_000;

/** The target of a build that is to replace `compared`. */
export async function targetOf(
  store: Pick<ReadModelStore, "checkpoints">,
  compared: Build | undefined,
): Promise<Target> {
  if (compared === undefined) return { kind: "logEnd" };
  return { kind: "build", highest: highestPosition(await store.checkpoints(compared)) };
}

/**
 * Returns whether the build has passed the target, or passes it within `timing.takeOver`. Rejects with LogBehind if the log ends
 * before the position of the live build, which leaves the events in between unknown, or as the stores do.
 */
export async function hasPassed(
  dependencies: {
    readonly store: Pick<ReadModelStore, "checkpoints">;
    readonly eventStore: Pick<EventStore, "readAll">;
    readonly timing: Pick<Timing, "takeOver">;
  },
  build: Build,
  target: Target,
  memory: TargetMemory,
  stop: AbortSignal,
): Promise<boolean> {
  const { store, eventStore, timing } = dependencies;
  const lowest = lowestPosition(await store.checkpoints(build));
  if (target.kind === "build" && lowest >= target.highest) return true;
  const late = AbortSignal.any([stop, AbortSignal.timeout(timing.takeOver)]);
  const known = target.kind === "logEnd" ? memory.logEnd : undefined;
  const mustPass = known ?? (await lastOwnEvent(eventStore, build, lowest, target, late));
  if (target.kind === "logEnd" && mustPass !== undefined) memory.logEnd = mustPass;
  // From here on: on a busy machine reading the log alone may take what the build is given to catch up.
  const until = performance.now() + timing.takeOver;
  while (mustPass !== undefined) {
    if (lowestPosition(await store.checkpoints(build)) >= mustPass) return true;
    if (performance.now() >= until || stop.aborted) return false;
    await pause(pollEveryMs, stop);
  }
  return false;
}

/**
 * The last event up to the target that the build is fed, if it is after `after`; else `after`. Undefined when there are too many of them,
 * or it takes too long to say. The end of the log is that of the node that answers: what a live build has passed is no matter then.
 */
async function lastOwnEvent(
  eventStore: Pick<EventStore, "readAll">,
  { readModel }: Build,
  after: bigint,
  target: Target,
  signal: AbortSignal,
): Promise<bigint | undefined> {
  let last = after;
  let left = maxEventsToPass;
  const categories = subscribedCategories(readModel);
  const log =
    target.kind === "build"
      ? readUpTo(eventStore, { categories, after, upTo: target.highest, lagMs: 0, signal })
      : eventStore.readAll({ categories, ...(after === beforeTheLog ? {} : { fromPosition: after }), signal });
  for await (const { position } of log) {
    // A read begins with the event at its position.
    if (position <= after) continue;
    last = position;
    if (left-- === 0) return undefined;
  }
  return signal.aborted ? undefined : last;
}
