import { availableParallelism } from "node:os";
import { createConcurrencyLimit } from "../../../platform/concurrencyLimit.ts";
import { inTransaction, type Pool } from "../../../platform/postgres.ts";
import type { LogPoint } from "../../engine/core/batch.ts";
import type { Build } from "../../engine/core/build.ts";
import type { PartitionSession, ReadModelStore } from "../../engine/ports/readModelStore.ts";
import { lockCheckpoint } from "./checkpoints.ts";
import { createCompareAndSet } from "./compareAndSet.ts";
import { createKnownPartitions, type KnownPartition } from "./knownPartitions.ts";
import { createLoading } from "./loading.ts";
import { openSession } from "./session.ts";
import { withoutLock } from "./unlockedSession.ts";

/**
 * The maximum number of large statements outside of transactions that a process sends at once: more would compete with
 * commands for the processors without ending sooner. A statement that has run for `countsForMs` (ms) no longer counts,
 * because one that waits for a lock must not delay the others.
 */
const largeAtOnce = Math.max(2, availableParallelism());
const countsForMs = 250;

type Work<Result> = (session: PartitionSession) => Promise<Result>;

/**
 * See `ReadModelStore.inPartition`. On a partition that this process wrote last, work that may run twice takes no lock and one
 * or two round trips; all other work runs in a transaction that locks the checkpoint first, in six.
 */
export function createInPartition(pool: Pool): ReadModelStore["inPartition"] {
  const partitions = createKnownPartitions();
  const limit = createConcurrencyLimit({ max: largeAtOnce, patienceMs: countsForMs });
  const statements = { load: createLoading(pool, limit), compareAndSet: createCompareAndSet(pool, limit) };

  async function underLock<Result>(build: Build, partition: number, work: Work<Result>) {
    let known: KnownPartition | undefined;
    const result = await inTransaction(pool, async (client) => {
      const checkpoint = await lockCheckpoint(client, build, partition);
      const session = openSession(client, build, partition, checkpoint);
      let end: LogPoint | undefined;
      let parks = checkpoint.parkedKeys > 0;
      const done = await work({
        ...session,
        park(events) {
          parks = true;
          return session.park(events);
        },
        advance(upTo) {
          end = upTo;
          return session.advance(upTo);
        },
      });
      if (end !== undefined && !parks) known = { checkpoint: { ...checkpoint, ...end }, rows: new Map() };
      return done;
    });
    return { result, known };
  }

  return async (build, partition, work, { mayRunTwice } = { mayRunTwice: false }) => {
    const before = partitions.take(build, partition);
    const swift =
      mayRunTwice && before !== undefined ? await withoutLock(statements, build, partition, before, work) : undefined;
    const { result, known } = swift ?? (await underLock(build, partition, work));
    if (known !== undefined) partitions.put(build, partition, known);
    return result;
  };
}
