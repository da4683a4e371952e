import { isDeepStrictEqual } from "node:util";
import { partitionKeyOf } from "../../../domain/partitionKeys.ts";
import type { DecodedEvent } from "../../../event-store/types.ts";
import type { EngineHandler, ReadModel, Row, Table } from "./declaration.ts";

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

/** Asks the handler of an event, which the read model must have, what the event touches. Throws HandlerFailed. */
export function planStep(readModel: ReadModel, event: DecodedEvent): Step {
  const handler = readModel.on[event.type];
  if (handler === undefined) throw new Error(`read model ${readModel.name} does not handle ${event.type}`);
  return guard(event, () => {
    const keys = handler.keys(event);
    const wipes = handler.wipe?.(event) ?? {};
    const partitionKey = partitionKeyOf(readModel.partitionKey, event.stream, event.data);
    for (const named of [keys, wipes]) {
      for (const name of Object.keys(named)) {
        for (const row of named[name] ?? []) checkPartitionKey(readModel, name, row, partitionKey);
      }
    }
    return { event, handler, keys, wipes, touched: count(keys) + count(wipes) };
  });
}

/**
 * The key of a row as text: what rows are told apart by in memory. Each column with its length before it, so that no two keys
 * are alike; JSON takes four times as long.
 */
export function keyText({ primaryKey }: Table, row: Row): string {
  let text = "";
  for (const column of primaryKey) {
    const value = textOf(row[column]);
    text += `${value.length}:${value}`;
  }
  return text;
}

function hasKey(table: Table, row: Row, key: Row): boolean {
  return table.primaryKey.every((column) => row[column] === key[column] || textOf(row[column]) === textOf(key[column]));
}

/** As text without loss: String leaves the milliseconds of a Date out. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value instanceof Date ? value.toISOString() : String(value);
}

/**
 * The distinct keys of the rows that steps read, per table; a table of which they read nothing is left out. What a step overwrites
 * is not read, nor by the steps after it.
 */
export function rowsToLoad(readModel: ReadModel, steps: readonly Step[]): ReadonlyMap<string, readonly Row[]> {
  const wanted = new Map<string, readonly Row[]>();
  for (const [name, table] of Object.entries(readModel.tables)) {
    const keys = new Map<string, Row>();
    const overwritten = new Set<string>();
    for (const { handler, keys: touched } of steps) {
      for (const key of touched[name] ?? []) {
        const text = keyText(table, key);
        if (handler.overwrites) overwritten.add(text);
        else if (!overwritten.has(text)) keys.set(text, key);
      }
    }
    if (keys.size > 0) wanted.set(name, [...keys.values()]);
  }
  return wanted;
}

/** The rows that were there before a fold began, per table, by key text. */
export type LoadedRows = ReadonlyMap<string, ReadonlyMap<string, Row>>;

/**
 * Folds the steps in order over the rows as loaded. Pure; touches a row once in what it returns, however many events change
 * it. Throws HandlerFailed.
 */
export function fold(readModel: ReadModel, steps: readonly Step[], loaded: LoadedRows): Changes {
  const folder = createFolder(readModel);
  for (const step of steps) folder.fold(step, loaded);
  return folder.changes();
}

type TableChanges = {
  readonly wipes: Row[];
  readonly rows: Map<string, RowChange>;
  /** Key texts of `rows` and wipes by partition key: a wipe never reaches beyond one. Kept if the read model wipes at all. */
  readonly textsOf: Map<unknown, Set<string>> | undefined;
  readonly wipesOf: Map<unknown, Row[]>;
};

/** A fold that goes on: each step sees what those before it left. */
export function createFolder(readModel: ReadModel) {
  const wipesAtAll = Object.values(readModel.on).some((handler) => handler?.wipe !== undefined);
  const tables = new Map(
    Object.entries(readModel.tables).map(([name, table]) => [
      name,
      {
        table,
        keyColumn: table.primaryKey[0] ?? "",
        changes: {
          wipes: [],
          rows: new Map(),
          textsOf: wipesAtAll ? new Map() : undefined,
          wipesOf: new Map(),
        } as TableChanges,
      },
    ]),
  );
  let held = 0;

  const tableOf = (name: string) => {
    const found = tables.get(name);
    if (found === undefined) throw new Error(`read model ${readModel.name} has no table ${name}`);
    return found;
  };

  const set = (name: string, text: string, change: RowChange) => {
    const { changes, keyColumn } = tableOf(name);
    if (!changes.rows.has(text)) {
      held++;
      if (changes.textsOf !== undefined) {
        const partitionKey = change.key[keyColumn];
        const texts = changes.textsOf.get(partitionKey) ?? new Set();
        changes.textsOf.set(partitionKey, texts.add(text));
      }
    }
    changes.rows.set(text, change);
  };

  const current = (name: string, text: string, loaded: LoadedRows): Row | undefined => {
    const { changes, keyColumn } = tableOf(name);
    const changed = changes.rows.get(text);
    if (changed !== undefined) return changed.row ?? undefined;
    const row = loaded.get(name)?.get(text);
    if (row === undefined) return undefined;
    return changes.wipesOf.get(row[keyColumn])?.some((wipe) => matches(wipe, row)) ? undefined : row;
  };

  /** Remembers a wipe, and takes the rows that it matches from what earlier steps wrote. Returns how to take it back. */
  const wipe = (name: string, pattern: Row): (() => void) => {
    const { changes, keyColumn } = tableOf(name);
    const partitionKey = pattern[keyColumn];
    const wiped: [string, RowChange][] = [];
    for (const text of changes.textsOf?.get(partitionKey) ?? []) {
      const change = changes.rows.get(text);
      if (change?.row && matches(pattern, change.row)) wiped.push([text, change]);
    }
    for (const [text, { key }] of wiped) changes.rows.set(text, { key, row: null });
    changes.wipes.push(pattern);
    held++;
    const ofKey = changes.wipesOf.get(partitionKey) ?? [];
    changes.wipesOf.set(partitionKey, ofKey);
    ofKey.push(pattern);
    return () => {
      ofKey.pop();
      changes.wipes.pop();
      held--;
      for (const [text, change] of wiped) changes.rows.set(text, change);
    };
  };

  const project = ({ event, handler, keys }: Step, loaded: LoadedRows) => {
    const texts: Record<string, readonly string[]> = {};
    const given: Record<string, readonly (Row | undefined)[]> = {};
    for (const [name, { table }] of tables) {
      const ofTable = (keys[name] ?? []).map((key) => keyText(table, key));
      texts[name] = ofTable;
      given[name] = handler.overwrites ? [] : ofTable.map((text) => current(name, text, loaded));
    }
    const projected: [name: string, text: string, change: RowChange][] = [];
    const rowsOf = handler.project(given, event);
    for (const name of Object.keys(rowsOf)) {
      const { table } = tableOf(name);
      (rowsOf[name] ?? []).forEach((row, index) => {
        const key = keys[name]?.[index];
        const text = texts[name]?.[index];
        if (key === undefined || text === undefined || (row && !hasKey(table, row, key))) {
          throw new Error(`row ${index} of ${name} is not the one that keys() named`);
        }
        if (row !== undefined) projected.push([name, text, { key, row }]);
      });
    }
    if (handler.overwrites && projected.length < count(keys)) throw new Error("it overwrites, and leaves rows out");
    return projected;
  };

  return {
    /** Throws HandlerFailed, and then is as if the step had not been. */
    fold(step: Step, loaded: LoadedRows): void {
      const undo: (() => void)[] = [];
      try {
        guard(step.event, () => {
          for (const [name, patterns] of Object.entries(step.wipes)) {
            for (const pattern of patterns ?? []) undo.push(wipe(name, pattern));
          }
          for (const [name, text, change] of project(step, loaded)) set(name, text, change);
        });
      } catch (error) {
        for (const takeBack of undo.reverse()) takeBack();
        throw error;
      }
    },
    /** Whether what is known of the row does not depend on rows that were there before. */
    knows: (name: string, text: string) => tableOf(name).changes.rows.has(text),
    /** Rows and wipes that are held. */
    size: () => held,
    changes(): Changes {
      const changed = [...tables].filter(([, { changes }]) => changes.rows.size > 0 || changes.wipes.length > 0);
      return new Map(changed.map(([name, { changes }]) => [name, { wipes: changes.wipes, rows: changes.rows }]));
    },
  };
}
export type Folder = ReturnType<typeof createFolder>;

function matches(pattern: Row, row: Row): boolean {
  return Object.entries(pattern).every(([column, value]) => isDeepStrictEqual(row[column], value));
}

function checkPartitionKey(readModel: ReadModel, name: string, row: Row, partitionKey: string | undefined): void {
  const column = tableOf(readModel, name).primaryKey[0] ?? "";
  if (row[column] !== partitionKey)
    throw new Error(`a row of ${name} has ${column} ${row[column]}, not the event's ${partitionKey}`);
}

function tableOf(readModel: ReadModel, name: string): Table {
  const table = readModel.tables[name];
  if (table === undefined) throw new Error(`read model ${readModel.name} has no table ${name}`);
  return table;
}

function count(rows: Readonly<Record<string, readonly Row[] | undefined>>): number {
  let sum = 0;
  for (const name of Object.keys(rows)) sum += rows[name]?.length ?? 0;
  return sum;
}

function guard<Result>(event: DecodedEvent, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new HandlerFailed(`${event.type} at ${event.position}: ${(error as Error).message}`, { cause: error });
  }
}
