import { expect } from "vitest";
import { InvalidEvent } from "../../../src/event-store/codec.ts";
import type { RecordedEvent } from "../../../src/event-store/types.ts";
import { applyPatiently } from "../../../src/projections/engine/apply/applyPatiently.ts";
import { fillBuild } from "../../../src/projections/engine/builds/fill/fillBuild.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { handles, type ReadModel } from "../../../src/projections/engine/core/declaration.ts";
import { partitionOf } from "../../../src/projections/engine/core/partition.ts";
import { retryParked } from "../../../src/projections/engine/parked/retry.ts";
import { verifyBuild } from "../../../src/projections/engine/verify/verifyBuild.ts";
import { batchOf, codec, keyed, logger, quick } from "../fixtures.ts";
import type { Store } from "../store.ts";
import { finishedLog } from "./finishedLog.ts";

export const partitions = 2;
const never = new AbortController().signal;

/** A read model with its own log, in which the events at the positions of `bad` are refused. */
export function parkingWorld(store: Store, readModel: ReadModel, events: readonly RecordedEvent[], bad: Set<bigint>) {
  const { eventStore, events: log } = finishedLog(events);
  const strict: typeof codec = {
    ...codec,
    decode(event) {
      if (bad.has(event.position)) throw new InvalidEvent(`${event.position} is refused`);
      return codec.decode(event);
    },
  };
  const dependencies = { store: store.store, codec: strict, eventStore, publish: async () => {} };
  const here = {
    log,
    eventStore,
    dependencies,
    /** Like workers: a partition's events in order, several per batch. */
    async fed(atOnce = 3): Promise<Build> {
      const build = await store.add(readModel, partitions);
      await here.feed(build, -1n, events, atOnce);
      return build;
    },
    async feed(build: Build, from: bigint, more: readonly RecordedEvent[], atOnce = 3) {
      const applying = { ...dependencies, catalog: store.catalog, logger, timing: quick };
      for (let partition = 0; partition < partitions; partition++) {
        const own = keyed(build, more).filter(
          ({ key, type }) =>
            handles(readModel, type) && (key === undefined || partitionOf(key, partitions) === partition),
        );
        let after = from;
        for (let start = 0; start < own.length; start += atOnce) {
          const batch = batchOf(build, partition, after, own.slice(start, start + atOnce));
          expect((await applyPatiently(applying, build, batch, never)).outcome).toBe("applied");
          after = batch.upTo.position;
        }
      }
    },
    async filled(): Promise<Build> {
      const build = await store.add(readModel, partitions);
      const filling = { ...dependencies, catalog: store.catalog, logger, timing: { silence: 60_000, logLag: 100 } };
      expect(await fillBuild(filling, build, never)).toBe("filled");
      return build;
    },
    retry: (build: Build, key: string) => retryParked(dependencies, build, key),
    verified: async (build: Build) => (await verifyBuild(dependencies, build, { kind: "all" })).found,
    rows: async (build: Build) => {
      const names = Object.keys(readModel.tables);
      return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await store.rows(build, name)])));
    },
  };
  return here;
}
