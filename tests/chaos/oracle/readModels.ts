import { createCodec } from "../../../src/event-store/codec.ts";
import type { DecodedEvent, RecordedEvent } from "../../../src/event-store/types.ts";
import { noRows } from "../../../src/projections/engine/core/changes.ts";
import { handles, type ReadModel, type Row } from "../../../src/projections/engine/core/declaration.ts";
import { foldedTables } from "../../../src/projections/engine/core/fold.ts";
import { patternsOf, planStep } from "../../../src/projections/engine/core/plan.ts";
import type { LoggedEvent } from "./log.ts";

const codec = createCodec();

/**
 * The rows of each table, by primary key, that a read model's own functions compute from these events, without store and engine: it
 * checks not a read model's rules, but to which events, how often and in what order they were applied.
 */
export function foldReadModel(readModel: ReadModel, events: readonly LoggedEvent[]): Map<string, Map<string, Row>> {
  const tables = foldedTables(readModel);
  for (const event of events) {
    if (!handles(readModel, event.type)) continue;
    const decoded = codec.decode(asRecorded(event)) as DecodedEvent;
    const patterns = patternsOf(readModel, decoded);
    tables.apply(planStep(readModel, decoded, patterns && tables.find(patterns)), noRows);
  }
  const changes = tables.changes();
  return new Map(
    Object.entries(readModel.tables).map(([name, { primaryKey }]) => {
      const rows = [...(changes.get(name)?.rows.values() ?? [])].flatMap(({ row }) => (row === null ? [] : [row]));
      return [name, new Map(rows.map((row) => [rowKey(primaryKey, row), row]))];
    }),
  );
}

/** The primary key of a row as text. */
export function rowKey(primaryKey: readonly string[], row: Row): string {
  return primaryKey.map((column) => row[column]).join(" ");
}

function asRecorded({ id, type, stream, revision, position, created, data, ...told }: LoggedEvent): RecordedEvent {
  const { commandId, schemaVersion, occurredAt } = told;
  const ids = { commandId, correlationId: commandId, causationId: commandId };
  const metadata = { ...ids, commandHash: "", schemaVersion, occurredAt };
  return { id, type, stream, position, created, data, revision, metadata };
}
