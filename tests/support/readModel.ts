import type { EventDefinitions } from "../../src/domain/event.ts";
import { allEvents, type HeimaEvent } from "../../src/domain/events.ts";
import { createCodec } from "../../src/event-store/codec.ts";
import type { DecodedEvent, RecordedEvent } from "../../src/event-store/types.ts";
import { noRows } from "../../src/projections/engine/core/changes.ts";
import { handles, type ReadModel, type RowOf, type Tables } from "../../src/projections/engine/core/declaration.ts";
import { foldedTables } from "../../src/projections/engine/core/fold.ts";
import { patternsOf, planStep } from "../../src/projections/engine/core/plan.ts";

/**
 * An event of a stream, `[stream, event]`, or with the time at which it was recorded; without one the events follow each
 * other by a second from 2026-01-01 on.
 */
export type Given = readonly [stream: string, event: HeimaEvent, created?: Date];

const codec = createCodec();
const begin = Date.UTC(2026, 0, 1);

/**
 * Returns the rows that a read model computes from these events, in their order, without any database: the first is at position 0
 * of the log, and they are checked by their schemas as in the codec. Throws as the codec or a handler does.
 */
export function given<Name extends string, Ts extends Tables>(
  readModel: ReadModel<Name, Ts>,
  ...events: readonly Given[]
): {
  /** The rows of a table, in the order of their primary keys as text. */
  rows<Table extends keyof Ts & string>(table: Table): readonly RowOf<Ts[Table]>[];
} {
  const tables = foldedTables(readModel as ReadModel);
  for (const [index, one] of events.entries()) {
    if (!handles(readModel as ReadModel, one[1].type)) continue;
    const event = codec.decode(asRecorded(one, index)) as DecodedEvent;
    const patterns = patternsOf(readModel as ReadModel, event);
    tables.apply(planStep(readModel as ReadModel, event, patterns && tables.find(patterns)), noRows);
  }
  return {
    rows(table) {
      if (!Object.hasOwn(readModel.tables, table)) throw new Error(`${readModel.name} has no table ${table}`);
      const changes = [...(tables.changes().get(table)?.rows ?? [])].sort(([one], [other]) => (one < other ? -1 : 1));
      return changes.flatMap(([, { row }]) => (row === null ? [] : [row as RowOf<Ts[typeof table]>]));
    },
  };
}

function asRecorded([stream, { type, data }, created]: Given, index: number): RecordedEvent {
  const id = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
  return {
    id,
    type,
    stream,
    data,
    revision: BigInt(index),
    position: BigInt(index),
    created: created ?? new Date(begin + index * 1_000),
    metadata: {
      commandId: id,
      commandHash: "0".repeat(64),
      correlationId: id,
      causationId: id,
      schemaVersion: (allEvents as EventDefinitions)[type]?.version ?? 1,
      occurredAt: new Date(begin).toISOString(),
    },
  };
}
