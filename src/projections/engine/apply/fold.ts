import { isDeepStrictEqual } from "node:util";
import { partitionKeyOf } from "../../../domain/partitionKeys.ts";
import type { DecodedEvent } from "../../../event-store/types.ts";
import type { EngineHandler, ReadModel, Row, Table } from "../declaration.ts";

/** An event that the read model handles, with what its handler says it touches. */
export type Step = {
  readonly event: DecodedEvent;
  readonly handler: EngineHandler;
  readonly keys: Readonly<Record<string, readonly Row[] | undefined>>;
  readonly wipes: Readonly<Record<string, readonly Row[] | undefined>>;
  /** How many rows and wipes that is: what a transaction's share of a batch is bounded by. */
  readonly touched: number;
};

/** What a fold leaves to write, per table: first the wipes, then each row's last state, null for a row that goes. */
export type Changes = ReadonlyMap<
  string,
  { readonly wipes: readonly Row[]; readonly rows: ReadonlyMap<string, RowChange> }
>;
export type RowChange = { readonly key: Row; readonly row: Row | null };

/** A handler failed on an event: the event's fault, or its author's. */
export class HandlerFailed extends Error {
  override readonly name = "HandlerFailed";
}

/** Asks the handler of an event what it touches; undefined if the read model does not handle the type. */
export function planStep(readModel: ReadModel, event: DecodedEvent): Step | undefined {
  const handler = readModel.on[event.type];
  if (handler === undefined) return undefined;
  return guard(event, () => {
    const keys = handler.keys(event);
    const wipes = handler.wipe?.(event) ?? {};
    for (const [name, rows] of [...Object.entries(keys), ...Object.entries(wipes)]) {
      for (const row of rows ?? []) checkPartitionKey(readModel, name, row, event);
    }
    return { event, handler, keys, wipes, touched: count(keys) + count(wipes) };
  });
}

/** The keys of a table's rows, as text: what rows are told apart by in memory. */
export function keyText(table: Table, row: Row): string {
  return JSON.stringify(table.primaryKey.map((column) => String(row[column])));
}

/** The distinct keys of the rows that steps touch in one table. */
export function keysToLoad(steps: readonly Step[], name: string, table: Table): readonly Row[] {
  const keys = new Map<string, Row>();
  for (const step of steps) for (const key of step.keys[name] ?? []) keys.set(keyText(table, key), key);
  return [...keys.values()];
}

/**
 * Folds the steps in order over the rows as loaded (per table, by key text). Pure; touches a row once in what it
 * returns, however many events change it. Rejects with HandlerFailed.
 */
export function fold(
  readModel: ReadModel,
  steps: readonly Step[],
  loaded: ReadonlyMap<string, ReadonlyMap<string, Row>>,
): Changes {
  const changes = new Map<string, { wipes: Row[]; rows: Map<string, RowChange> }>();
  const of = (name: string) => {
    const known = changes.get(name) ?? { wipes: [], rows: new Map<string, RowChange>() };
    changes.set(name, known);
    return known;
  };
  const wiped = (name: string, row: Row) =>
    changes
      .get(name)
      ?.wipes.some((wipe) => Object.entries(wipe).every(([column, value]) => isDeepStrictEqual(row[column], value)));
  const current = (name: string, text: string): Row | undefined => {
    const changed = changes.get(name)?.rows.get(text);
    if (changed !== undefined) return changed.row ?? undefined;
    const row = loaded.get(name)?.get(text);
    return row === undefined || wiped(name, row) ? undefined : row;
  };

  for (const { event, handler, keys, wipes } of steps) {
    for (const [name, patterns] of Object.entries(wipes)) {
      for (const pattern of patterns ?? []) wipeRows(of(name), pattern);
    }
    guard(event, () => {
      const rows: Record<string, readonly (Row | undefined)[]> = {};
      for (const name of Object.keys(readModel.tables)) {
        const table = tableOf(readModel, name);
        rows[name] = (keys[name] ?? []).map((key) => current(name, keyText(table, key)));
      }
      for (const [name, projected] of Object.entries(handler.project(rows, event))) {
        const table = tableOf(readModel, name);
        (projected ?? []).forEach((row, index) => {
          const key = keys[name]?.[index];
          if (key === undefined || (row && keyText(table, row) !== keyText(table, key))) {
            throw new Error(`row ${index} of ${name} is not the one that keys() named`);
          }
          if (row !== undefined) of(name).rows.set(keyText(table, key), { key, row });
        });
      }
    });
  }
  return changes;
}

/** Remembers a wipe for the table, and undoes what earlier steps wrote to the rows that it matches. */
function wipeRows(change: { wipes: Row[]; rows: Map<string, RowChange> }, pattern: Row): void {
  change.wipes.push(pattern);
  for (const [text, { key, row }] of change.rows) {
    const matches = row && Object.entries(pattern).every(([column, value]) => isDeepStrictEqual(row[column], value));
    if (matches) change.rows.set(text, { key, row: null });
  }
}

function checkPartitionKey(readModel: ReadModel, name: string, row: Row, event: DecodedEvent): void {
  const column = tableOf(readModel, name).primaryKey[0] ?? "";
  const partitionKey = partitionKeyOf(readModel.partitionKey, event.stream, event.data);
  if (row[column] !== partitionKey)
    throw new Error(`a row of ${name} has ${column} ${row[column]}, not the event's ${partitionKey}`);
}

function tableOf(readModel: ReadModel, name: string): Table {
  const table = readModel.tables[name];
  if (table === undefined) throw new Error(`read model ${readModel.name} has no table ${name}`);
  return table;
}

function count(rows: Readonly<Record<string, readonly Row[] | undefined>>): number {
  return Object.values(rows).reduce((sum, list) => sum + (list?.length ?? 0), 0);
}

function guard<Result>(event: DecodedEvent, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new HandlerFailed(`${event.type} at ${event.position}: ${(error as Error).message}`, { cause: error });
  }
}
