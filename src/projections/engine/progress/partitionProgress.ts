import { beforeTheLog } from "../core/batch.ts";
import { type Build, type PartitionId, partitionId } from "../core/build.ts";
import type { Checkpoint, ReadModelStore } from "../ports/readModelStore.ts";
import type { Advanced, Changed } from "../transport/signals.ts";
import type { ChangeNumbers } from "./changeNumbers.ts";
import { createVisibleChanges } from "./visibleChanges.ts";
import { createWaiters } from "./waiters.ts";

/**
 * The progress of a partition, as this process knows it. `eventId` is of the event at `position`; undefined if a signal did not
 * have it.
 */
export type PartitionProgress = {
  readonly position: bigint;
  readonly eventId?: string | undefined;
  readonly parkedKeys: ReadonlySet<string>;
};

/** The parked keys of a build by partition, as read at these versions of its partitions, or newer ones. */
type ParkedFound = { readonly versions: string; readonly keys: readonly ReadonlySet<string>[] };

const none: ReadonlySet<string> = new Set();

/**
 * The partitions of the builds that are fed: what signals and checkpoints say of them, in one step with the changes of rows that
 * this means, and who waits for them.
 */
export function createPartitionProgress(
  store: Pick<ReadModelStore, "checkpoints" | "parkedKeys" | "visibleWithinMs">,
  changes: ChangeNumbers,
) {
  const visible = createVisibleChanges(changes);
  const waiters = createWaiters();
  const fed = new Map<string, { readonly build: Build; readonly live: boolean }>();
  const partitions = new Map<PartitionId, PartitionProgress>();
  /**
   * By build, the parked keys of the last reading, with the version of each partition then: a retry changes the
   * version, but not the position.
   */
  const parked = new Map<string, ParkedFound>();
  const versions = new Map<PartitionId, bigint>();

  /**
   * Notes a change: of the rows of `keys` if it directly follows the last known change, else of the whole partition.
   */
  const noteChange = (build: Build, partition: number, follows: boolean, keys?: readonly string[]) => {
    const { name } = build.readModel;
    if (follows && keys !== undefined) changes.changedKeys(name, keys);
    else changes.changedPartition(name, partition);
    visible.note(name, partition, store.visibleWithinMs?.(build) ?? 0);
  };

  const note = (id: PartitionId, progress: PartitionProgress) => {
    partitions.set(id, progress);
    waiters.advanced(id, progress.position);
  };

  /** Checkpoints first, then the parked keys (rule 25a), which are read only when a version says that they changed. */
  const read = async (build: Build): Promise<readonly (PartitionProgress & Pick<Checkpoint, "parkedVersion">)[]> => {
    const checkpoints = await store.checkpoints(build);
    const found = checkpoints.map(({ parkedVersion }) => String(parkedVersion)).join();
    let known = parked.get(build.name);
    if (known?.versions !== found) {
      const keys = checkpoints.map(() => new Set<string>());
      const anyParked = checkpoints.some(({ parkedKeys }) => parkedKeys > 0);
      for (const { partition, key } of anyParked ? await store.parkedKeys(build) : []) keys[partition]?.add(key);
      known = { versions: found, keys };
      if (fed.has(build.name)) parked.set(build.name, known);
    }
    const { keys } = known;
    return checkpoints.map(({ position, eventId, parkedVersion }, partition) => {
      return { position, eventId, parkedVersion, parkedKeys: keys[partition] ?? none };
    });
  };

  return {
    noteAdvanced({ build: name, partition, position, eventId, after, keys, parkedKeys }: Advanced): void {
      const found = fed.get(name);
      if (found === undefined) return;
      const { build, live } = found;
      const id = partitionId(build.name, partition);
      const before = partitions.get(id);
      if (before !== undefined && before.position >= position) return;
      if (live) noteChange(build, partition, before !== undefined && before.position >= after, keys);
      note(id, { position, eventId, parkedKeys: new Set(parkedKeys) });
    },

    /** A signal of an earlier position than is known tells which rows changed, but not which keys are parked now. */
    noteChanged({ build: name, partition, position, eventId, keys, parkedKeys }: Changed): void {
      const found = fed.get(name);
      if (found === undefined) return;
      const { build, live } = found;
      const id = partitionId(build.name, partition);
      const known = partitions.get(id);
      if (live) noteChange(build, partition, known !== undefined && known.position >= position, keys);
      if (known === undefined || known.position <= position)
        note(id, { position, eventId, parkedKeys: new Set(parkedKeys) });
    },

    /** Reads how far a build is, which is fed from now on; `becameLive` makes all that was read from another build old. */
    async refresh(build: Build, live: boolean, becameLive: boolean): Promise<readonly PartitionProgress[]> {
      fed.set(build.name, { build, live });
      const before = new Map(partitions);
      const found = await read(build);
      // Forgotten meanwhile: nothing more is noted of it.
      if (!fed.has(build.name)) return found;
      return found.map(({ parkedVersion, ...progress }, partition) => {
        const id = partitionId(build.name, partition);
        const retried = (versions.get(id) ?? parkedVersion) !== parkedVersion;
        versions.set(id, parkedVersion);
        const old = before.get(id);
        const latest = partitions.get(id);
        // Signals may have arrived since the checkpoint was read; a position that went back belongs to a build that was
        // rebuilt.
        const ahead = latest === undefined || progress.position > latest.position;
        const back = progress.position < (old?.position ?? beforeTheLog);
        if (live && (becameLive || ahead || back || retried)) {
          noteChange(build, partition, false);
        }
        if (!ahead && !back && (progress.position < latest.position || latest !== old)) return latest;
        note(id, progress);
        return progress;
      });
    },

    refreshed: visible.refreshed,

    /** Whether a query waits for a partition to advance. */
    isWaitedFor: () => waiters.isWaitedFor(),

    /** Reads the progress of the builds that queries wait for again. */
    async refreshWaitedFor(refresh: (build: Build, live: boolean) => Promise<unknown>): Promise<void> {
      const waitedFor = [...fed.values()].filter(({ build }) => idsOf(build).some(waiters.isWaitedFor));
      await Promise.all(waitedFor.map(({ build, live }) => refresh(build, live)));
    },

    forget(build: Build): void {
      fed.delete(build.name);
      parked.delete(build.name);
      for (const id of idsOf(build)) {
        partitions.delete(id);
        versions.delete(id);
        waiters.giveUp(id);
      }
    },

    /** Undefined before the first reading of the build. */
    of: (build: { readonly name: string }, partition: number) => partitions.get(partitionId(build.name, partition)),

    async reached(build: Build, partition: number, position: bigint, ms: number): Promise<boolean> {
      const id = partitionId(build.name, partition);
      if ((partitions.get(id)?.position ?? beforeTheLog) >= position) return true;
      if (!fed.has(build.name)) return false;
      return waiters.wait(id, position, ms);
    },
  };
}

function idsOf({ name, partitions }: Pick<Build, "name" | "partitions">): readonly PartitionId[] {
  return Array.from({ length: partitions }, (_, partition) => partitionId(name, partition));
}
