import { partitionKeyOf } from "../../../domain/partitionKeys.ts";
import { type Codec, InvalidEvent, UnknownEvent } from "../../../event-store/codec.ts";
import type { DecodedEvent, RecordedEvent } from "../../../event-store/types.ts";
import { beforeTheLog } from "../core/batch.ts";
import type { Build } from "../core/build.ts";
import { noRows } from "../core/changes.ts";
import { concernOf } from "../core/concern.ts";
import type { ReadModel } from "../core/declaration.ts";
import { type FoldedTables, foldedTables } from "../core/fold.ts";
import { parkingKeyOf, waits } from "../core/parkingKey.ts";
import { partitionOf } from "../core/partition.ts";
import { foundWhere, HandlerFailed, type Patterns, patternsOf, planStep, type Step } from "../core/plan.ts";
import type { BuildSnapshot } from "../ports/readModelStore.ts";
import type { Part, Selection } from "./selection.ts";

/** An event that the handler refuses although it is neither parked nor skipped. */
type Refused = { readonly position: bigint; readonly detail: string };

/** The folded state of a part of the keys. */
export type FoldedPart = {
  readonly tables: FoldedTables;
  readonly keys: Set<string>;
  readonly refused: Map<string, Refused>;
  /** By parked key: the number of events that should be parked, and how many of them were skipped since. */
  readonly parked: Map<string, { events: number; skipped: number }>;
};

/**
 * Folds the log from its beginning up to a snapshot's checkpoints, in memory, with the read model's pure functions, without
 * reading rows from the store. For a parked key only the events before its first parked event are folded.
 */
export function foldLog(
  { readModel, partitions }: Build,
  codec: Codec,
  { checkpoints, parked }: Pick<BuildSnapshot, "checkpoints" | "parked">,
  skipped: ReadonlySet<string>,
  selection: Selection,
) {
  const parts = new Map<Part, FoldedPart>();
  const parkedFrom = Array.from({ length: partitions }, () => new Map<string, bigint>());
  for (const { partition, key, position } of parked) parkedFrom[partition]?.set(key, position);
  let rows = 0;

  const openPart = (part: Part): FoldedPart => {
    const known = parts.get(part);
    if (known !== undefined) return known;
    const opened = { tables: foldedTables(readModel), keys: new Set<string>(), refused: new Map(), parked: new Map() };
    parts.set(part, opened);
    return opened;
  };

  /** `key`: what the event is parked under if it is refused. */
  const foldInto = ({ tables, refused }: FoldedPart, key: string, event: RecordedEvent, stepOf: () => Step) => {
    const before = tables.size();
    try {
      tables.apply(stepOf(), noRows);
    } catch (error) {
      if (!(error instanceof HandlerFailed || error instanceof InvalidEvent)) throw error;
      refused.set(key, { position: event.position, detail: error.message });
    }
    rows += tables.size() - before;
  };

  const isParked = (partition: number, key: string, { position }: RecordedEvent) =>
    waits(parkedFrom[partition] ?? new Map(), key, position);

  /** Returns whether an event without a partition key has been applied to the rows of a key. */
  const hasPassed = (key: string, event: RecordedEvent) => {
    const partition = partitionOf(key, partitions);
    const isReached = event.position <= (checkpoints[partition]?.position ?? beforeTheLog);
    return isReached && !isParked(partition, parkingKeyOf({ ...event, key: undefined }), event);
  };

  /** An event without a partition key changes the rows that it finds, for keys whose partition has applied it; it parks no key. */
  const foldEverywhere = (event: RecordedEvent): boolean => {
    const lookup = lookUp(readModel, codec, event);
    if (lookup === undefined) return false;
    for (const part of parts.values()) {
      const found = foundWhere(readModel, part.tables.find(lookup.patterns), (key) => hasPassed(key, event));
      if ([...found.values()].every(({ length }) => length === 0)) continue;
      foldInto(part, event.stream, event, () => planStep(readModel, lookup.decoded, found));
    }
    return parts.size > 0;
  };

  return {
    /** Adds the next event of the log; returns whether it concerns the selection. Throws UnknownEvent. */
    add(event: RecordedEvent): boolean {
      const concern = concernOf(readModel, event);
      if (concern === "unhandled") return false;
      const key = partitionKeyOf(readModel.partitionKey, event.stream, event.data);
      if (key === undefined) return concern === "handled" && !skipped.has(event.id) && foldEverywhere(event);
      const partition = partitionOf(key, partitions);
      if (event.position > (checkpoints[partition]?.position ?? beforeTheLog)) return false;
      const at = selection.offer(key);
      if (at === undefined) return false;
      const part = openPart(at);
      part.keys.add(key);
      const parkingKey = parkingKeyOf({ ...event, key });
      if (isParked(partition, parkingKey, event)) {
        const counted = part.parked.get(parkingKey) ?? { events: 0, skipped: 0 };
        part.parked.set(parkingKey, counted);
        counted.events++;
        if (skipped.has(event.id)) counted.skipped++;
        return true;
      }
      if (skipped.has(event.id) || part.refused.has(key)) return true;
      if (concern === "unknown") throw new UnknownEvent(event);
      foldInto(part, key, event, () => planStep(readModel, codec.decode(event)));
      return true;
    },
    giveUp(part: Part): void {
      rows -= parts.get(part)?.tables.size() ?? 0;
      parts.delete(part);
    },
    /** The number of rows in memory, including deleted ones. */
    rows: () => rows,
    parts: (): ReadonlyMap<Part, FoldedPart> => parts,
  };
}

/**
 * The decoded event and the patterns of rows that an event without a key looks up; undefined if it looks up none, or is
 * refused before, so that it touches no row.
 */
function lookUp(
  readModel: ReadModel,
  codec: Codec,
  event: RecordedEvent,
): { readonly decoded: DecodedEvent; readonly patterns: Patterns } | undefined {
  try {
    const decoded = codec.decode(event);
    const patterns = patternsOf(readModel, decoded);
    return patterns && { decoded, patterns };
  } catch (error) {
    if (error instanceof InvalidEvent || error instanceof HandlerFailed) return undefined;
    throw error;
  }
}

export type LogFold = ReturnType<typeof foldLog>;
