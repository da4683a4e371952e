import { takeOverWhenReady, tryTakeOver } from "../../../src/projections/engine/builds/takeOver.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { added, codec, logger, point, quick, tallyOf } from "../fixtures.ts";
import type { Store } from "../store.ts";
import { scriptedLog } from "./scripted.ts";

const never = new AbortController().signal;
const timing = { ...quick, takeOver: 300 };
const partitions = 3;

type Log = Pick<ReturnType<typeof scriptedLog>, "eventStore">;
type Dependencies = Parameters<typeof tryTakeOver>[0];

let models = 0;
const newModel = () => tallyOf(`turned${++models}`);

/** Builds that take over from others, in a store that must exist when the first of these functions is called. */
export function takeOverWorld(store: () => Store) {
  const advance = (build: Build, partition: number, position: bigint) =>
    store().store.inPartition(build, partition, (session) => session.advance(point(position)));
  const setCheckpoints = async (build: Build, ...positions: bigint[]) => {
    for (const [partition, position] of positions.entries()) await advance(build, partition, position);
  };
  const using = (log: Log, more: Partial<Dependencies> = {}): Dependencies => ({
    store: store().store,
    catalog: store().catalog,
    codec,
    eventStore: log.eventStore,
    logger,
    timing,
    announce: async () => {},
    ...more,
  });
  /** A build that is neither filled nor live, of a new read model or of this one. */
  const add = (readModel = newModel()) => store().add(readModel, partitions);
  /** A live build, and another of the same read model. */
  const pair = async () => {
    const readModel = newModel();
    return { old: await store().build(readModel, partitions), next: await add(readModel) };
  };
  return {
    add,
    pair,
    /** Both are at the end of the log. */
    async pairAtTheEnd() {
      const { old, next } = await pair();
      for (const build of [old, next]) await setCheckpoints(build, 30n, 30n, 30n);
      return { old, next, log: three() };
    },
    advance,
    setCheckpoints,
    park: (build: Build, position: bigint, key: string, partition = 0) =>
      store().store.inPartition(build, partition, (session) =>
        session.park([{ key, event: added(position, key), error: "no" }]),
      ),
    attempt: (log: Log, build: Build, more: Partial<Dependencies> = {}) => tryTakeOver(using(log, more), build, never),
    takeOverWhenReady: (log: Log, build: Build, more: Partial<Dependencies> = {}, stop = never) =>
      takeOverWhenReady(using(log, more), build, stop),
    stateOf: async ({ name }: Build) => (await store().catalog.list()).find((record) => record.name === name)?.state,
  };
}

/** A log with three events. */
export const three = () => scriptedLog(added(10n, "a"), added(20n, "b"), added(30n, "c"));
