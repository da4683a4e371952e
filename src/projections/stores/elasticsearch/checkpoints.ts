import type { LogPoint } from "../../engine/core/batch.ts";
import { beforeTheLog } from "../../engine/core/batch.ts";
import type { BuildRef } from "../../engine/core/build.ts";
import type { Checkpoint } from "../../engine/ports/readModelStore.ts";
import { readCheckpoints as readParkedCounts } from "../postgres/checkpoints.ts";
import { type Write, writeAll } from "./bulk.ts";
import type { Context } from "./context.ts";
import { getDocuments } from "./documents.ts";
import { IndexLost, ParkedLost } from "./errors.ts";
import { checkpointId, type EngineField } from "./layout.ts";

/**
 * A checkpoint of an index. `parkedVersion` is the version of the partition's parked keys in Postgres when it was written (`Checkpoint`);
 * undefined in documents of releases that did not write it.
 */
export type IndexPoint = LogPoint & { readonly parkedVersion: bigint | undefined };

/**
 * The checkpoints of some partitions, in order. Each is a document of the index itself, so that a lost index, or one restored
 * from an older backup, has the checkpoints that belong to its rows. Read in real time, not as of the last refresh.
 */
export async function readPoints(
  context: Context,
  build: BuildRef,
  partitions: readonly number[],
): Promise<readonly IndexPoint[]> {
  const found = await getDocuments(context, build, partitions.map(checkpointId));
  return partitions.map((partition) => {
    const engine = found.get(checkpointId(partition));
    if (engine?.kind !== "checkpoint") throw new IndexLost(`checkpoint ${partition} of ${build.name} is gone`);
    return pointOf(engine);
  });
}

export function pointOf({ position, eventId, numbers }: Extract<EngineField, { kind: "checkpoint" }>): IndexPoint {
  const parkedVersion = numbers === undefined ? undefined : BigInt(numbers.parkedVersion);
  return { position: BigInt(position), eventId, parkedVersion };
}

/** See `ReadModelStore.checkpoints`. Parked keys are read after the checkpoints (rule 25a). */
export async function readCheckpoints(context: Context, build: BuildRef): Promise<readonly Checkpoint[]> {
  const points = await readPoints(context, build, partitionsOf(build));
  const counts = await readParkedCounts(context.pool, build);
  return points.map((point, partition) => withParked(build, partition, point, counts));
}

/**
 * A checkpoint with what Postgres says of the partition's parked keys, which was read after it. Rejects with ParkedLost if that is older than
 * what the checkpoint was written with: events that were parked in between are nowhere.
 */
export function withParked(
  build: BuildRef,
  partition: number,
  { position, eventId, parkedVersion: known }: IndexPoint,
  counts: readonly Checkpoint[],
): Checkpoint {
  const counted = counts[partition];
  if (counted === undefined) throw new Error(`${build.name} has no partition ${partition}`);
  const { parkedKeys, parkedVersion } = counted;
  if (known !== undefined && parkedVersion < known) {
    const versions = `version ${parkedVersion}, the index of ${build.name} has seen version ${known}`;
    throw new ParkedLost(`Postgres went back: of the parked events of partition ${partition} it has ${versions}`);
  }
  return { position, eventId, parkedKeys, parkedVersion };
}

export const partitionsOf = ({ partitions }: BuildRef): readonly number[] =>
  Array.from({ length: partitions }, (_, partition) => partition);

/** A checkpoint to be written; `parkedVersion` as Postgres has it. */
type Reached = LogPoint & Pick<Checkpoint, "parkedVersion">;

/** Advances checkpoints, never back. */
export async function writePoints(
  context: Context,
  build: BuildRef,
  points: readonly (readonly [partition: number, upTo: Reached])[],
): Promise<void> {
  await writeAll(
    context,
    build,
    points.map(([partition, upTo]) => checkpointWrite(partition, upTo, "external_gte")),
  );
}

/** Creates the checkpoints of a new build; existing ones stay. */
export async function writeFirstPoints(context: Context, build: BuildRef): Promise<void> {
  const nowhere = { position: beforeTheLog, eventId: "", parkedVersion: 0n };
  await writeAll(
    context,
    build,
    partitionsOf(build).map((partition) => checkpointWrite(partition, nowhere, "external")),
  );
}

function checkpointWrite(partition: number, reached: Reached, type: Write["type"]): Write {
  const { position, eventId } = reached;
  const numbers = { parkedVersion: String(reached.parkedVersion) };
  const engine: EngineField = { kind: "checkpoint", partition, position: String(position), eventId, numbers };
  // Positions in the log may start at 0, below which there is no version.
  return { id: checkpointId(partition), version: position < 0n ? 0n : position, type, document: { engine } };
}
