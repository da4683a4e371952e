import { partitionKeyOf } from "../../../domain/partitionKeys.ts";
import type { DecodedEvent } from "../../../event-store/types.ts";
import { type EngineHandler, partitionColumn, type ReadModel, type Row, type Table } from "./declaration.ts";

/** An event that the read model handles, with the rows that its handler touches. */
export type Step = {
  readonly event: DecodedEvent;
  readonly handler: EngineHandler;
  readonly keys: Readonly<Record<string, readonly Row[] | undefined>>;
  readonly wipes: Readonly<Record<string, readonly Row[] | undefined>>;
  /** The number of touched rows and wipes: limits how much of a batch is applied at once. */
  readonly touched: number;
};

/** A handler failed on an event, because of the event or a bug. */
export class HandlerFailed extends Error {
  override readonly name = "HandlerFailed";
}

/** Columns and values of rows that an event looks up before it is planned; by table. */
export type Patterns = ReadonlyMap<string, readonly Row[]>;
/** The rows that match patterns, by table. */
export type Found = ReadonlyMap<string, readonly Row[]>;

const nothingFound: Found = new Map();

/**
 * The rows that must be looked up, in each partition, before the event is planned; undefined for most events. Throws
 * HandlerFailed.
 */
export function patternsOf(readModel: ReadModel, event: DecodedEvent): Patterns | undefined {
  const { finds } = readModel.on[event.type] ?? {};
  if (finds === undefined) return undefined;
  return guard(event, () => {
    const patterns = finds(event);
    return new Map(Object.keys(patterns).map((name) => [name, patterns[name] ?? []]));
  });
}

/**
 * Asks the handler of an event, which must exist, which rows the event touches; `found` are the rows of `patternsOf`. Throws
 * HandlerFailed.
 */
export function planStep(readModel: ReadModel, event: DecodedEvent, found: Found = nothingFound): Step {
  const handler = readModel.on[event.type];
  if (handler === undefined) throw new Error(`read model ${readModel.name} does not handle ${event.type}`);
  return guard(event, () => {
    const keys = handler.keys(event, handler.finds === undefined ? {} : rowsPerTable(readModel, found));
    const wipes = handler.wipe?.(event) ?? {};
    const allowed = partitionKeysOf(readModel, event, found);
    for (const named of [keys, wipes]) {
      for (const name of Object.keys(named)) {
        for (const row of named[name] ?? []) checkPartitionKey(readModel, name, row, allowed);
      }
    }
    return { event, handler, keys, wipes, touched: count(keys) + count(wipes) };
  });
}

/** The found rows whose partition key passes. */
export function foundWhere(readModel: ReadModel, found: Found, passes: (partitionKey: string) => boolean): Found {
  return new Map(
    [...found].map(([name, rows]) => {
      const column = partitionColumn(tableOf(readModel, name));
      return [name, rows.filter((row) => passes(String(row[column])))];
    }),
  );
}

function rowsPerTable({ tables }: ReadModel, found: Found): Readonly<Record<string, readonly Row[]>> {
  return Object.fromEntries(Object.keys(tables).map((name) => [name, found.get(name) ?? []]));
}

/** The event's partition key, or those of the rows found for it. */
function partitionKeysOf(readModel: ReadModel, event: DecodedEvent, found: Found): unknown | ReadonlySet<unknown> {
  const key = partitionKeyOf(readModel.partitionKey, event.stream, event.data);
  if (key !== undefined || found.size === 0) return key;
  return new Set(
    [...found].flatMap(([name, rows]) => {
      const column = partitionColumn(tableOf(readModel, name));
      return rows.map((row) => row[column]);
    }),
  );
}

function checkPartitionKey(readModel: ReadModel, name: string, row: Row, allowed: unknown): void {
  const column = partitionColumn(tableOf(readModel, name));
  if (row[column] === allowed || (allowed instanceof Set && allowed.has(row[column]))) return;
  const expected = allowed instanceof Set ? "of the rows found" : allowed;
  throw new Error(`a row of ${name} has ${column} ${row[column]}, not the event's ${expected}`);
}

function tableOf(readModel: ReadModel, name: string): Table {
  const table = readModel.tables[name];
  if (table === undefined) throw new Error(`read model ${readModel.name} has no table ${name}`);
  return table;
}

/** The number of rows. */
export function count(rows: Readonly<Record<string, readonly Row[] | undefined>>): number {
  let sum = 0;
  for (const name of Object.keys(rows)) sum += rows[name]?.length ?? 0;
  return sum;
}

/** Converts a handler's exception to HandlerFailed. */
export function guard<Result>(event: DecodedEvent, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new HandlerFailed(`${event.type} at ${event.position}: ${(error as Error).message}`, { cause: error });
  }
}
