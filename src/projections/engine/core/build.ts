import type { ReadModel } from "./declaration.ts";

/**
 * The life cycle of a build: `building` until it has caught up with the log, then `live`; `retired` when another build replaced
 * it or an operator ended it; `failed` when it could not be built. Only a live build is queried. Retired and failed builds are
 * dropped.
 */
export type BuildState = "building" | "live" | "retired" | "failed";

/** A build: one materialisation of a read model. */
export type Build = {
  readonly readModel: ReadModel;
  /** The number of the build among all builds of the read model, of any version: higher than those before, with random gaps. */
  readonly number: number;
  readonly partitions: number;
  /** The store of its rows; Postgres by default. */
  readonly store?: "elasticsearch";
  /** `shelf_v4_b48213`: the name of the build's schema or index in its store, and the prefix of its queues. */
  readonly name: string;
};

/** The fields that locate a build's rows, checkpoints and queues, without its declaration. */
export type BuildRef = Pick<Build, "name" | "partitions" | "store">;

declare const isPartitionId: unique symbol;

/** Names a partition in the maps of a process. It is compared, never taken apart. */
export type PartitionId = string & { readonly [isPartitionId]: true };

/** The id of a partition; `name` is that of a build, or of a read model, for a partition of whichever build is live. */
export function partitionId(name: string, partition: number): PartitionId {
  return `${name} ${partition}` as PartitionId;
}

export function buildName(readModel: Pick<ReadModel, "name" | "version">, number: number): string {
  return `${readModel.name}_v${readModel.version}_b${number}`;
}
