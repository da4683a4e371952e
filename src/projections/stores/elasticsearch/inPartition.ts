import type { Build } from "../../engine/core/build.ts";
import type { Checkpoint, PartitionSession, ReadModelStore } from "../../engine/ports/readModelStore.ts";
import { readCheckpoints as readParkedCounts } from "../postgres/checkpoints.ts";
import { writeAll } from "./bulk.ts";
import { readPoints, withParked, writePoints } from "./checkpoints.ts";
import type { Context } from "./context.ts";
import { type Fence, fenced } from "./fence.ts";
import { createParking } from "./parking.ts";
import { createPending } from "./pending.ts";
import { openSession } from "./session.ts";

type Work<Result> = (session: PartitionSession) => Promise<Result>;

/** The work parks events or meets parked ones, which is only allowed behind the fence. */
class NeedsFence extends Error {
  override readonly name = "NeedsFence";
}

/**
 * See `ReadModelStore.inPartition`. Work that may run twice runs without the fence: external versions preserve what others
 * write meanwhile. When it parks or unparks, nothing has been sent yet, and it restarts behind the fence, where all other work
 * runs.
 */
export function createInPartition(context: Context): ReadModelStore["inPartition"] {
  return async (build, partition, work, { mayRunTwice } = { mayRunTwice: false }) => {
    if (mayRunTwice) {
      try {
        return await run(context, build, partition, work, undefined);
      } catch (error) {
        if (!(error instanceof NeedsFence)) throw error;
      }
    }
    return fenced(context.pool, build, [partition], (fence) => run(context, build, partition, work, fence));
  };
}

/** In each attempt, reads the checkpoint first, then what is parked, then documents (rule 20). */
async function run<Result>(
  context: Context,
  build: Build,
  partition: number,
  work: Work<Result>,
  fence: Fence | undefined,
): Promise<Result> {
  const { pool } = context;
  const checkpoint = await checkpointOf(context, build, partition);
  const pending = createPending(context, build, partition);
  const parking = createParking(pool, build, partition, checkpoint.parkedKeys > 0);
  const session = openSession(context, build, partition, checkpoint, { pending, parking });
  const needsFence = () => Promise.reject(new NeedsFence());
  const unfenced = { park: needsFence, unpark: needsFence, leaveOut: needsFence };
  const result = await work(fence === undefined ? { ...session, ...unfenced } : session);

  const end = session.end() ?? checkpoint;
  await fence?.confirm();
  await parking.announce(pending.size() > 0);
  await writeAll(context, build, pending.writes());
  await fence?.confirm();
  const parkedVersion = parking.changes() ? await parking.commit() : checkpoint.parkedVersion;
  const isMoved = end.position !== checkpoint.position || end.eventId !== checkpoint.eventId;
  if (isMoved || parking.changes()) await writePoints(context, build, [[partition, { ...end, parkedVersion }]]);
  return result;
}

async function checkpointOf(context: Context, build: Build, partition: number): Promise<Checkpoint> {
  const [point] = await readPoints(context, build, [partition]);
  if (point === undefined) throw new Error(`${build.name} has no partition ${partition}`);
  return withParked(build, partition, point, await readParkedCounts(context.pool, build));
}
