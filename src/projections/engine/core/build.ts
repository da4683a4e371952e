import type { ReadModel } from "./declaration.ts";

/**
 * The life of a build: `building` until it has caught up with the log, then `live`; `retired` when another took its place
 * or an operator ended it; `failed` when it could not be built. Only a live build is queried. Retired and failed builds are
 * dropped.
 */
export type BuildState = "building" | "live" | "retired" | "failed";

/** One materialisation of a read model. */
export type Build = {
  readonly readModel: ReadModel;
  /** Counts the builds of a read model, whatever their versions. */
  readonly number: number;
  readonly partitions: number;
  /** Where its rows are kept; in Postgres unless it is said. */
  readonly store?: "elasticsearch";
  /** `shelf_v4_b1`: names what the build owns in its store, and its queues. */
  readonly name: string;
};

/** What locates a build's rows, checkpoints and queues; its declaration need not be known. */
export type BuildPlace = Pick<Build, "name" | "partitions" | "store">;

export function buildName(readModel: Pick<ReadModel, "name" | "version">, number: number): string {
  return `${readModel.name}_v${readModel.version}_b${number}`;
}
