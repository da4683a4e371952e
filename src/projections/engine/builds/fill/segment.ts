import { allEvents } from "../../../../domain/events.ts";
import { partitionKeyOf } from "../../../../domain/partitionKeys.ts";
import { type Codec, UnknownEvent } from "../../../../event-store/codec.ts";
import type { DecodedEvent, RecordedEvent } from "../../../../event-store/types.ts";
import { parkingKeyOf } from "../../apply/applyBatch.ts";
import { blame } from "../../apply/blame.ts";
import { maxParkedKeys, mostErrorText } from "../../apply/parkPoison.ts";
import { beforeTheLog, type LogPoint } from "../../core/batch.ts";
import type { Build } from "../../core/build.ts";
import { handles } from "../../core/declaration.ts";
import { createFolder, keyText, type LoadedRows, planStep, rowsToLoad, type Step } from "../../core/fold.ts";
import { partitionOf } from "../../core/partition.ts";
import type { Fill, ReadModelStore } from "../../ports/readModelStore.ts";

/** More keys would be parked than a build may have: it cannot be built as it is. */
export class TooManyParked extends Error {
  override readonly name = "TooManyParked";
}

/**
 * A piece of the log, folded in memory from a checkpoint on. Rows that were there before the piece are loaded when an event
 * first touches them; in a piece from the log's beginning there are none.
 */
export function openSegment(
  dependencies: {
    readonly store: Pick<ReadModelStore, "load" | "classify">;
    readonly codec: Codec;
    readonly build: Build;
    /** Events that are left out, and keys that were parked before. */
    readonly skipped: ReadonlySet<string>;
    readonly parkedKeys: ReadonlySet<string>;
  },
  from: LogPoint,
) {
  const { store, codec, build, skipped } = dependencies;
  const { readModel } = build;
  const folder = createFolder(readModel);
  const parkedKeys = new Set(dependencies.parkedKeys);
  const parked: Fill["parked"][number][] = [];
  let upTo = from;
  let events = 0;
  let last: RecordedEvent | undefined;

  const park = (event: RecordedEvent, error: string | null) => {
    const partitionKey = partitionKeyOf(readModel.partitionKey, event.stream, event.data);
    const key = parkingKeyOf({ ...event, key: partitionKey });
    if (!parkedKeys.has(key) && parkedKeys.size >= maxParkedKeys) throw new TooManyParked(`${error}`);
    parkedKeys.add(key);
    // One without a partition key concerns every partition, and is parked in each.
    const partitions =
      partitionKey === undefined
        ? Array.from({ length: build.partitions }, (_, partition) => partition)
        : [partitionOf(partitionKey, build.partitions)];
    for (const partition of partitions) parked.push({ partition, key, event, error });
  };

  /** An event's fault is parked; anything else rejects. */
  const orPark = <Result>(event: RecordedEvent, work: () => Result): Result | undefined => {
    try {
      return work();
    } catch (error) {
      if (blame(store, error) !== "refused") throw error;
      park(event, (error as Error).message.slice(0, mostErrorText));
      return undefined;
    }
  };

  const plan = (event: RecordedEvent): Step | undefined => {
    if (!Object.hasOwn(allEvents, event.type)) throw new UnknownEvent(event, event.metadata.schemaVersion);
    if (skipped.has(event.id) || !handles(readModel, event.type)) return undefined;
    return orPark(event, () => planStep(readModel, codec.decode(event) as DecodedEvent));
  };

  const load = async (steps: readonly Step[]): Promise<LoadedRows> => {
    if (from.position === beforeTheLog) return new Map();
    const wanted = new Map(
      [...rowsToLoad(readModel, steps)].map(([name, keys]) => {
        const table = readModel.tables[name];
        return [name, keys.filter((key) => table !== undefined && !folder.knows(name, keyText(table, key)))] as const;
      }),
    );
    return store.load(build, wanted);
  };

  const isParked = (event: RecordedEvent): boolean => {
    if (parkedKeys.size === 0) return false;
    return parkedKeys.has(
      parkingKeyOf({ ...event, key: partitionKeyOf(readModel.partitionKey, event.stream, event.data) }),
    );
  };

  return {
    /** Folds the next events of the log. Rejects with UnknownEvent, TooManyParked, or when rows cannot be loaded. */
    async add(recorded: readonly RecordedEvent[]): Promise<void> {
      const planned: [RecordedEvent, Step][] = [];
      for (const event of recorded) {
        if (isParked(event) && handles(readModel, event.type) && !skipped.has(event.id)) {
          park(event, null);
          continue;
        }
        const step = plan(event);
        if (step !== undefined) planned.push([event, step]);
      }
      const loaded = await load(planned.map(([, step]) => step));
      for (const [event, step] of planned) {
        if (isParked(event)) park(event, null);
        else orPark(event, () => folder.fold(step, loaded));
      }
      last = recorded.at(-1) ?? last;
      if (last !== undefined) upTo = { position: last.position, eventId: last.id };
      events += recorded.length;
    },
    /** Parks the only event of a segment that the store refuses. */
    parkOnly(error: string): Fill {
      if (events !== 1 || last === undefined) throw new Error("the segment does not consist of one event");
      parked.length = 0;
      park(last, error);
      return { from, changes: new Map(), parked, upTo };
    },
    events: () => events,
    rows: () => folder.size() + parked.length,
    upTo: () => upTo,
    toFill: (): Fill => ({ from, changes: folder.changes(), parked, upTo }),
  };
}
export type Segment = ReturnType<typeof openSegment>;
