import type { LogPoint } from "../../engine/core/batch.ts";
import { beforeTheLog } from "../../engine/core/batch.ts";
import type { BuildRef } from "../../engine/core/build.ts";
import type { Checkpoint } from "../../engine/ports/readModelStore.ts";
import { readCheckpoints as readParkedCounts } from "../postgres/checkpoints.ts";
import { type Write, writeAll } from "./bulk.ts";
import type { Context } from "./context.ts";
import { getDocuments } from "./documents.ts";
import { IndexLost } from "./errors.ts";
import { checkpointId, type EngineField } from "./layout.ts";

/**
 * The checkpoints of some partitions, in order. Each is a document of the index itself, so that a lost index, or one restored
 * from an older backup, has the checkpoints that belong to its rows. Read in real time, not as of the last refresh.
 */
export async function readPoints(
  context: Context,
  build: BuildRef,
  partitions: readonly number[],
): Promise<readonly LogPoint[]> {
  const found = await getDocuments(context, build, partitions.map(checkpointId));
  return partitions.map((partition) => {
    const engine = found.get(checkpointId(partition));
    if (engine?.kind !== "checkpoint") throw new IndexLost(`checkpoint ${partition} of ${build.name} is gone`);
    return pointOf(engine);
  });
}

export function pointOf({ position, eventId }: Extract<EngineField, { kind: "checkpoint" }>): LogPoint {
  return { position: BigInt(position), eventId };
}

/** See `ReadModelStore.checkpoints`. Parked keys are read after the checkpoints (rule 25a). */
export async function readCheckpoints(context: Context, build: BuildRef): Promise<readonly Checkpoint[]> {
  const points = await readPoints(context, build, partitionsOf(build));
  const counts = await readParkedCounts(context.pool, build);
  return points.map((point, partition) => {
    const counted = counts[partition];
    if (counted === undefined) throw new Error(`${build.name} has no partition ${partition}`);
    return { ...point, parkedKeys: counted.parkedKeys, parkedVersion: counted.parkedVersion };
  });
}

export const partitionsOf = ({ partitions }: BuildRef): readonly number[] =>
  Array.from({ length: partitions }, (_, partition) => partition);

/** Advances checkpoints, never back. */
export async function writePoints(
  context: Context,
  build: BuildRef,
  points: readonly (readonly [partition: number, upTo: LogPoint])[],
): Promise<void> {
  await writeAll(
    context,
    build,
    points.map(([partition, upTo]) => checkpointWrite(partition, upTo, "external_gte")),
  );
}

/** Creates the checkpoints of a new build; existing ones stay. */
export async function writeFirstPoints(context: Context, build: BuildRef): Promise<void> {
  const nowhere = { position: beforeTheLog, eventId: "" };
  await writeAll(
    context,
    build,
    partitionsOf(build).map((partition) => checkpointWrite(partition, nowhere, "external")),
  );
}

function checkpointWrite(partition: number, { position, eventId }: LogPoint, type: Write["type"]): Write {
  const engine: EngineField = { kind: "checkpoint", partition, position: String(position), eventId };
  // Positions in the log may start at 0, below which there is no version.
  return { id: checkpointId(partition), version: position < 0n ? 0n : position, type, document: { engine } };
}
