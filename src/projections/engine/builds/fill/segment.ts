import { partitionKeyOf } from "../../../../domain/partitionKeys.ts";
import { type Codec, UnknownEvent } from "../../../../event-store/codec.ts";
import type { RecordedEvent } from "../../../../event-store/types.ts";
import { createEventLoopYield } from "../../../../platform/eventLoopYield.ts";
import { classifyFailure } from "../../apply/classifyFailure.ts";
import type { LogPoint } from "../../core/batch.ts";
import type { Build } from "../../core/build.ts";
import { type LoadedRows, noRows } from "../../core/changes.ts";
import { concernOf } from "../../core/concern.ts";
import { foldedTables } from "../../core/fold.ts";
import { parkingKeyOf, waits } from "../../core/parkingKey.ts";
import { maxErrorLength, maxParkedKeys } from "../../core/parkingLimits.ts";
import { partitionOf } from "../../core/partition.ts";
import { type Found, patternsOf, planStep } from "../../core/plan.ts";
import type { Fill, ReadModelStore } from "../../ports/readModelStore.ts";
import { loadBefore, type Planned } from "./loadBefore.ts";

/** The maximum number of rows loaded and folded at once: one event may touch some thousand. */
const rowsAtOnce = 5_000;

/** More keys would be parked than a build may have: it cannot be built. */
export class TooManyParked extends Error {
  override readonly name = "TooManyParked";
}

/**
 * A segment of the log, folded in memory from a checkpoint. Rows that existed before the segment are loaded when an event first
 * touches them.
 */
export function openSegment(
  dependencies: {
    readonly store: Pick<ReadModelStore, "load" | "find" | "classify">;
    readonly codec: Codec;
    readonly build: Build;
    /** The events that operators skip, with their positions. */
    readonly skipped: ReadonlyMap<string, bigint>;
    /**
     * Keys parked before, each with the position of its first event; that may lie in this segment, of which an earlier attempt ended when
     * it had parked (rule 22).
     */
    readonly parkedBefore: Iterable<readonly [key: string, position: bigint]>;
    readonly parkedVersions: readonly bigint[];
    /** Whether there may be rows: not before the first segment was written, or tried. */
    readonly mayHaveRows: boolean;
  },
  from: LogPoint,
) {
  const { store, codec, build, skipped, parkedVersions, mayHaveRows } = dependencies;
  const { readModel } = build;
  const tables = foldedTables(readModel);
  const yieldTurn = createEventLoopYield();
  const parkedFrom = new Map(dependencies.parkedBefore);
  const parked: Fill["parked"][number][] = [];
  let events = 0;
  let last: RecordedEvent | undefined;
  let upTo = from;

  const partitionKeyIn = (event: RecordedEvent) => partitionKeyOf(readModel.partitionKey, event.stream, event.data);

  const isParked = (event: RecordedEvent): boolean =>
    parkedFrom.size > 0 && waits(parkedFrom, parkingKeyOf({ ...event, key: partitionKeyIn(event) }), event.position);

  const park = (event: RecordedEvent, error: string | null) => {
    const partitionKey = partitionKeyIn(event);
    const key = parkingKeyOf({ ...event, key: partitionKey });
    if (!parkedFrom.has(key) && parkedFrom.size >= maxParkedKeys) {
      throw new TooManyParked(`${maxParkedKeys} keys are parked already; at ${event.position}: ${error}`);
    }
    if (!waits(parkedFrom, key, event.position)) parkedFrom.set(key, event.position);
    // An event without a partition key concerns every partition, and is parked in each.
    const partitions =
      partitionKey === undefined
        ? Array.from({ length: build.partitions }, (_, partition) => partition)
        : [partitionOf(partitionKey, build.partitions)];
    for (const partition of partitions) parked.push({ partition, key, event, error });
  };

  /** The result of the work, or the reason for which the event is to be parked; other errors reject. */
  const orRefusal = <Result>(work: () => Result): { result: Result } | { refusal: string } => {
    try {
      return { result: work() };
    } catch (error) {
      if (classifyFailure(store, error) !== "refused") throw error;
      return { refusal: (error as Error).message.slice(0, maxErrorLength) };
    }
  };

  /** Returns whether the event must be planned alone after the previous ones are folded, because it looks up rows. */
  const looksUpRows = ({ type }: RecordedEvent) => readModel.on[type]?.finds !== undefined;

  /** The rows that the event looks up; an error here occurs again when the event is planned. */
  const find = async (event: RecordedEvent): Promise<Found | undefined> => {
    if (skipped.has(event.id) || isParked(event)) return undefined;
    const asked = orRefusal(() => patternsOf(readModel, codec.decode(event)));
    if ("refusal" in asked || asked.result === undefined) return undefined;
    return tables.find(asked.result, mayHaveRows ? { rows: await store.find(build, asked.result) } : noRows);
  };

  /** Undefined for an event that changes no rows. */
  const plan = (event: RecordedEvent, found?: Found): Planned | undefined => {
    const concern = concernOf(readModel, event);
    if (concern === "unknown") throw new UnknownEvent(event);
    if (skipped.has(event.id) || concern === "unhandled") return undefined;
    if (isParked(event)) return { event, step: undefined, refusal: null };
    const planned = orRefusal(() => planStep(readModel, codec.decode(event), found));
    if ("refusal" in planned) return { event, step: undefined, refusal: planned.refusal };
    return { event, step: planned.result, refusal: null };
  };

  /** In order: an event is parked if an earlier event of its key was parked. */
  const foldOne = ({ event, step, refusal }: Planned, loaded: LoadedRows) => {
    if (isParked(event)) return park(event, null);
    if (step === undefined) return park(event, refusal);
    const folded = orRefusal(() => tables.apply(step, loaded));
    if ("refusal" in folded) park(event, folded.refusal);
  };

  /** Also those that the log does not have any more, or that the build does not subscribe to: it has passed them without them. */
  const leftOut = () =>
    [...skipped].filter(([, at]) => at > from.position && at <= upTo.position).map(([eventId]) => eventId);

  return {
    /**
     * Folds the next events of the log, until `full` returns true. Rejects with UnknownEvent, TooManyParked, or when rows
     * cannot be loaded.
     */
    async add(recorded: readonly RecordedEvent[], full: () => boolean): Promise<void> {
      for (let next = 0; next < recorded.length && !full(); ) {
        const planned: Planned[] = [];
        const begin = next;
        for (let touched = 0; next < recorded.length && touched < rowsAtOnce; next++) {
          const event = recorded[next] as RecordedEvent;
          if (looksUpRows(event) && planned.length > 0) break;
          const one = plan(event, looksUpRows(event) ? await find(event) : undefined);
          if (one === undefined) continue;
          planned.push(one);
          touched += one.step?.touched ?? 0;
          await yieldTurn();
        }
        const loaded = mayHaveRows ? await loadBefore(store, build, tables, planned) : noRows;
        for (const one of planned) {
          foldOne(one, loaded);
          await yieldTurn();
        }
        last = recorded[next - 1];
        if (last !== undefined) upTo = { position: last.position, eventId: last.id };
        events += next - begin;
      }
    },
    /** All events of the build up to this one, which may be of another build, were added. */
    passTo(end: LogPoint): void {
      if (end.position > upTo.position) upTo = end;
    },
    /** Parks the only event of a segment that the store refuses. */
    parkOnly(error: string): Fill {
      if (events !== 1 || last === undefined) throw new Error("the segment does not consist of one event");
      parked.length = 0;
      park(last, error);
      return { from, parkedVersions, changes: new Map(), parked, leftOut: leftOut(), upTo };
    },
    events: () => events,
    parks: (eventId: string) => parked.some(({ event }) => event.id === eventId),
    rows: () => tables.size() + parked.length,
    upTo: () => upTo,
    /** Whether there is anything to write. */
    advances: () => upTo.position > from.position,
    toFill: (): Fill => ({ from, parkedVersions, changes: tables.changes(), parked, leftOut: leftOut(), upTo }),
  };
}
export type Segment = ReturnType<typeof openSegment>;
