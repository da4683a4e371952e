import type { LogPoint } from "../../engine/core/batch.ts";
import type { Build } from "../../engine/core/build.ts";
import type { Checkpoint, Fill, ParkedEvent } from "../../engine/ports/readModelStore.ts";
import { limitsOf } from "../postgres/poolLimits.ts";
import { writeAll } from "./bulk.ts";
import { partitionsOf, readCheckpoints, writePoints } from "./checkpoints.ts";
import type { Context } from "./context.ts";
import { type Fence, fenced } from "./fence.ts";
import { fillWrites } from "./fillWrites.ts";
import { declared } from "./layout.ts";
import { createParking } from "./parking.ts";

/**
 * See `ReadModelStore.fill`: writes the folded rows as documents, each with the position of its last event, then the parked
 * events, and the checkpoints last. A fill interrupted between two requests, also by a row that cannot be stored, is repeated, perhaps
 * up to an earlier event: rows record which events they have seen.
 */
export function fill(
  context: Context,
  build: Build,
  { from, parkedVersions, changes, parked, leftOut, upTo }: Fill,
  stop?: AbortSignal,
): Promise<"written" | "moved"> {
  const write = async (fence: Fence): Promise<"written" | "moved"> => {
    const checkpoints = await readCheckpoints(context, build);
    const moved = checkpoints.some(
      ({ position, eventId, parkedVersion }, partition) =>
        position !== from.position || eventId !== from.eventId || parkedVersion !== parkedVersions[partition],
    );
    if (moved) return "moved";
    const byPartition = partitionsOf(build).map((partition) => {
      const parking = createParking(context.pool, build, partition, true);
      parking.park(eventsIn(parked, partition));
      if (partition === 0) parking.leaveOut(leftOut);
      return parking;
    });
    for (const parking of byPartition) await parking.announce(false);
    const change = changes.get(declared(build).name);
    const step = () => {
      stop?.throwIfAborted();
      return fence.step();
    };
    if (change !== undefined) await writeAll(context, build, fillWrites(context, build, change, step), step);
    const reached: [number, LogPoint & Pick<Checkpoint, "parkedVersion">][] = [];
    for (const [partition, parking] of byPartition.entries()) {
      await fence.confirm();
      const parkedVersion = parking.changes() ? await parking.commit() : (parkedVersions[partition] ?? 0n);
      reached.push([partition, { ...upTo, parkedVersion }]);
    }
    await fence.confirm();
    await writePoints(context, build, reached);
    return "written";
  };
  return fenced(context.pool, build, partitionsOf(build), write, limitsOf(context.pool).fill);
}

function eventsIn(parked: Fill["parked"], wanted: number): readonly ParkedEvent[] {
  return parked.flatMap(({ partition, ...event }) => (partition === wanted ? [event] : []));
}
