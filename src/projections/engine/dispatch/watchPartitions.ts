import { nextTick } from "../../../platform/tick.ts";
import { beforeTheLog } from "../core/batch.ts";
import { noteApplied } from "../core/epoch.ts";
import { openFailures } from "../ports/buildCatalog.ts";
import { pause } from "../timing.ts";
import { blockedPartitions } from "./blockedPartitions.ts";
import { mustRewind, type PartitionWatch } from "./mustRewind.ts";
import type { RunningEpoch } from "./runningEpoch.ts";

/** Has the checkpoints checked now and then when nothing is sent; those of all builds at once, which takes one statement. */
export async function tick({ dependencies, ended, sent }: RunningEpoch): Promise<void> {
  while (!ended.aborted) {
    await nextTick(dependencies.timing.watchIdleEvery, ended);
    sent.notify();
  }
}

/**
 * Checks the checkpoints until the epoch ends: ends it when a partition must be rewound, finds partitions that are blocked, and stops a
 * subscription that is silent.
 */
export async function watchPartitions(run: RunningEpoch): Promise<void> {
  const { epoch, ended, sent, subscription } = run;
  const { timing } = run.dependencies;
  const watches: PartitionWatch[] = epoch.partitions.map(() => ({ seen: undefined, since: performance.now() }));
  let checkedAt = Number.NEGATIVE_INFINITY;
  while (!ended.aborted) {
    if (hasAppliedAll(run)) await sent.wait(timing.silence);
    await pause(timing.watchEvery, ended);
    if (!subscription.isFull && performance.now() - subscription.heard > timing.silence)
      subscription.stop.abort("silent");
    if (!isCheckDue(run, checkedAt)) continue;
    checkedAt = performance.now();
    const unmoved = await checkPartitions(run, watches);
    if (unmoved !== undefined) run.end(`partition ${unmoved.partition} does not advance from ${unmoved.checkpoint}`);
  }
}

function hasAppliedAll({ epoch }: RunningEpoch): boolean {
  return epoch.partitions.every(({ applied, after }) => applied >= after);
}

/**
 * Returns whether the checkpoints must be checked: at once if a partition does not advance, else rarely, as long as signals show
 * that all partitions advance, or everything sent is applied.
 */
function isCheckDue(run: RunningEpoch, checkedAt: number): boolean {
  const { watchEvery, watchIdleEvery } = run.dependencies.timing;
  const now = performance.now();
  const advances = run.epoch.partitions.every(
    ({ number, applied, after }) => applied >= after || (run.advancedAt[number] ?? 0) > now - 2 * watchEvery,
  );
  return !advances || now - checkedAt >= (hasAppliedAll(run) ? watchIdleEvery / 2 : 4 * watchEvery);
}

/** The first partition that must be rewound. */
async function checkPartitions(run: RunningEpoch, watches: PartitionWatch[]) {
  const { epoch, arrived } = run;
  const { store, catalog, queues, timing } = run.dependencies;
  const checkpoints = await store.checkpoints(epoch.build);
  const positionOf = (partition: number) => checkpoints[partition]?.position ?? beforeTheLog;
  const behind = epoch.partitions.filter(({ number, after }) => positionOf(number) < after);
  // A signal that was lost: what has arrived meanwhile may go.
  if (behind.length > 0) arrived.notify();
  const failures = behind.length > 0 ? openFailures(await catalog.failures(epoch.build), checkpoints) : [];
  const blockedByEvent = failures.filter(({ isOfBuild }) => !isOfBuild).map(({ partition }) => partition);
  const asked = new Set([...behind.map(({ number }) => number), ...blockedByEvent]);
  const queued = new Map(
    await Promise.all([...asked].map(async (number) => [number, await queues.queued(number)] as const)),
  );
  run.blocked = await blockedPartitions(failures, async (partition) => queued.get(partition) ?? 0);
  /** Stopped with the build, by no event of their own: nothing is sent to them, so nothing can be lost. */
  const stopped = new Set(failures.filter(({ isOfBuild }) => isOfBuild).map(({ partition }) => partition));
  for (const partition of epoch.partitions) {
    const { number, after } = partition;
    const checkpoint = positionOf(number);
    noteApplied(epoch, number, checkpoint);
    const check = { checkpoint, sent: after, queued: queued.get(number) ?? 0, failed: run.blocked.has(number) };
    const watch = watches[number];
    if (stopped.has(number)) watches[number] = { seen: undefined, since: performance.now() };
    else if (watch !== undefined && mustRewind(watch, check, performance.now(), timing))
      return { partition: number, checkpoint };
  }
  return undefined;
}
