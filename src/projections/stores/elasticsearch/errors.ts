import { failureOf } from "../../../platform/elasticsearch.ts";
import type { BuildRef } from "../../engine/core/build.ts";

/** The rows of an event cannot be stored: one does not fit its columns, or the mapping refuses its document. */
export class RefusedContents extends Error {
  override readonly name = "RefusedContents";
}

/** The index of a build, or a checkpoint in it, is lost: the build must be ended and replaced (rule 23). */
export class IndexLost extends Error {
  override readonly name = "IndexLost";
}

/** Parked events that the build has passed are not in Postgres, which was restored or failed over: as IndexLost. */
export class ParkedLost extends Error {
  override readonly name = "ParkedLost";
}

/** Items of a bulk request were not written, through no fault of theirs: overload, a block, an unavailable shard. */
export class NotWritten extends Error {
  override readonly name = "NotWritten";
}

/** See `ReadModelStore.classify`. */
export function classify(error: unknown): "refused" | "fault" {
  return error instanceof RefusedContents ? "refused" : "fault";
}

/** See `ReadModelStore.isLost`. */
export const isLost = (error: unknown): boolean => error instanceof IndexLost || error instanceof ParkedLost;

/** Runs requests on a build's index; a missing index rejects with IndexLost. */
export async function onIndex<Result>(build: BuildRef, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (failureOf(error) === "missing") throw new IndexLost(`the index of ${build.name} is gone`, { cause: error });
    throw error;
  }
}
