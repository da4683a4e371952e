import { partitionKeyOf } from "../../../domain/partitionKeys.ts";
import { type Codec, InvalidEvent, UnknownEvent } from "../../../event-store/codec.ts";
import type { DecodedEvent, RecordedEvent } from "../../../event-store/types.ts";
import { beforeTheLog } from "../core/batch.ts";
import type { Build } from "../core/build.ts";
import { concernOf } from "../core/concern.ts";
import { createFolder, type Folder, type LoadedRows } from "../core/fold.ts";
import { parkingKeyOf } from "../core/parkingKey.ts";
import { partitionOf } from "../core/partition.ts";
import { HandlerFailed, patternsOf, planStep } from "../core/plan.ts";
import type { BuildSnapshot } from "../ports/readModelStore.ts";
import type { Part, Selection } from "./selection.ts";

/** Nothing is loaded: the fold starts at the beginning of the log. */
const noRows: LoadedRows = new Map();

/** An event that the handler refuses although it is neither parked nor skipped. */
type Refused = { readonly position: bigint; readonly detail: string };

/** The folded state of a part of the keys. */
export type FoldedPart = {
  readonly folder: Folder;
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
  const parkedFrom = new Map(parked.map(({ partition, key, position }) => [`${partition} ${key}`, position]));
  let rows = 0;

  const openPart = (part: Part): FoldedPart => {
    const known = parts.get(part);
    if (known !== undefined) return known;
    const opened = { folder: createFolder(readModel), keys: new Set<string>(), refused: new Map(), parked: new Map() };
    parts.set(part, opened);
    return opened;
  };

  const foldInto = ({ folder, refused }: FoldedPart, key: string, event: RecordedEvent) => {
    const before = folder.size();
    try {
      folder.fold(planStep(readModel, codec.decode(event) as DecodedEvent), noRows);
    } catch (error) {
      if (!(error instanceof HandlerFailed || error instanceof InvalidEvent)) throw error;
      refused.set(key, { position: event.position, detail: error.message });
    }
    rows += folder.size() - before;
  };

  const hasPassed = (key: string, { position }: RecordedEvent) =>
    position <= (checkpoints[partitionOf(key, partitions)]?.position ?? beforeTheLog);

  /** An event without a partition key changes the rows that it finds, for keys whose partition has reached it; it parks no key. */
  const foldEverywhere = (event: RecordedEvent): boolean => {
    const decoded = decodedOrUndefined(codec, event);
    const patterns = decoded && patternsOf(readModel, decoded);
    if (decoded === undefined || patterns === undefined) return false;
    for (const { folder } of parts.values()) {
      const found = folder.find(patterns);
      for (const [name, ofTable] of found) {
        const column = readModel.tables[name]?.primaryKey[0] ?? "";
        found.set(
          name,
          ofTable.filter((row) => hasPassed(String(row[column]), event)),
        );
      }
      const before = folder.size();
      folder.fold(planStep(readModel, decoded, found), noRows);
      rows += folder.size() - before;
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
      const from = parkedFrom.get(`${partition} ${parkingKey}`);
      if (from !== undefined && event.position >= from) {
        const counted = part.parked.get(parkingKey) ?? { events: 0, skipped: 0 };
        part.parked.set(parkingKey, counted);
        counted.events++;
        if (skipped.has(event.id)) counted.skipped++;
        return true;
      }
      if (skipped.has(event.id) || part.refused.has(key)) return true;
      if (concern === "unknown") throw new UnknownEvent(event, event.metadata.schemaVersion);
      foldInto(part, key, event);
      return true;
    },
    giveUp(part: Part): void {
      rows -= parts.get(part)?.folder.size() ?? 0;
      parts.delete(part);
    },
    /** The number of rows in memory, including deleted ones. */
    rows: () => rows,
    parts: (): ReadonlyMap<Part, FoldedPart> => parts,
  };
}
function decodedOrUndefined(codec: Codec, event: RecordedEvent): DecodedEvent | undefined {
  try {
    return codec.decode(event) as DecodedEvent;
  } catch (error) {
    if (error instanceof InvalidEvent) return undefined;
    throw error;
  }
}

export type LogFold = ReturnType<typeof foldLog>;
