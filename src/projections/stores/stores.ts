import type { Build, BuildRef } from "../engine/core/build.ts";
import type { ReadModelStore } from "../engine/ports/readModelStore.ts";
import type { Context } from "./elasticsearch/context.ts";
import { createElasticsearchStore } from "./elasticsearch/store.ts";
import { createPostgresStore } from "./postgres/store.ts";

/** The store of every build: Elasticsearch for read models with an index, Postgres for all others. */
export function createStores(context: Context): ReadModelStore {
  const postgres = createPostgresStore(context.pool);
  const elasticsearch = createElasticsearchStore(context);
  const of = ({ store }: BuildRef): ReadModelStore => (store === "elasticsearch" ? elasticsearch : postgres);
  return {
    open: (build) => of(build).open(build),
    checkpoints: (build) => of(build).checkpoints(build),
    parkedKeys: (build) => of(build).parkedKeys(build),
    parked: (build, page) => of(build).parked(build, page),
    leftOut: (build) => of(build).leftOut(build),
    inPartition: (build, partition, work, how) => of(build).inPartition(build, partition, work, how),
    load: (build, keys) => of(build).load(build, keys),
    find: (build, patterns) => of(build).find(build, patterns),
    fill: (build, fill, stop) => of(build).fill(build, fill, stop),
    snapshot: (build, work) => of(build).snapshot(build, work),
    refresh: (build) => of(build).refresh(build),
    visibleWithinMs: (build) => of(build).visibleWithinMs?.(build) ?? 0,
    takeOver: (next: Build, previous, mayTakeOver) => of(next).takeOver(next, previous, mayTakeOver),
    drop: (build) => of(build).drop(build),
    classify: (error) =>
      elasticsearch.classify(error) === "refused" || postgres.classify(error) === "refused" ? "refused" : "fault",
    isLost: (error) => elasticsearch.isLost(error) || postgres.isLost(error),
  };
}
