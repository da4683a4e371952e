import type { EventStore, RecordedEvent } from "../../../src/event-store/types.ts";
import {
  defaultFillLimits,
  type FillLimits,
  fillBuild,
} from "../../../src/projections/engine/builds/fill/fillBuild.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { Fill, ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { added, codec, logger, quick, readersByPartition } from "../fixtures.ts";
import type { Store } from "../store.ts";

export const partitions = 3;
/** A reader of each partition. */
export const readers = readersByPartition(partitions);
export const [a = "", b = "", c = ""] = readers;

let builds = 0;
export const nextName = () => `filled${++builds}`;

/** Ten positions apart: `count` events of the readers in turn. */
export const events = (count: number): RecordedEvent[] =>
  Array.from({ length: count }, (_, index) => added(BigInt(10 * index), readers[index % partitions] ?? ""));

type Options = {
  readonly limits?: Partial<FillLimits>;
  readonly stop?: AbortSignal;
  readonly through?: ReadModelStore;
  readonly silence?: number;
};

/** Fills of builds, in a store that must exist when the first of these functions is called. */
export function fillWorld(store: () => Store) {
  const recordOf = async (build: Build) => (await store().catalog.list()).find(({ name }) => name === build.name);
  return {
    fill: (build: Build, eventStore: EventStore, options: Options = {}) =>
      fillBuild(
        {
          store: options.through ?? store().store,
          catalog: store().catalog,
          eventStore,
          codec,
          logger,
          timing: { silence: options.silence ?? 60_000, logLag: quick.logLag },
        },
        build,
        options.stop ?? new AbortController().signal,
        { ...defaultFillLimits, ...options.limits },
      ),
    /** A store that calls `before` ahead of each write. */
    watched: (before: (fill: Fill) => unknown): ReadModelStore => ({
      ...store().store,
      fill: async (build, what) => {
        await before(what);
        return store().store.fill(build, what);
      },
    }),
    recordOf,
    stateOf: async (build: Build) => {
      const record = await recordOf(build);
      return record && [record.state, record.filled, record.reason];
    },
    parkedOf: async (build: Build) =>
      (
        await store().pool.query(
          "SELECT position, key, error FROM projections.parked WHERE build = $1 ORDER BY position, partition",
          [build.name],
        )
      ).rows,
  };
}
