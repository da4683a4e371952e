import { type Changes, type ChangesOfTable, hasSeen, type LoadedRows, noRows, type RowChange } from "./changes.ts";
import type { ReadModel, Row } from "./declaration.ts";
import { count, guard, type Patterns, type Step } from "./plan.ts";
import { hasKey, keyText } from "./rowKeys.ts";
import { TableFold } from "./tableFold.ts";

/**
 * The distinct keys of the rows that steps read, by table; tables that are not read are missing. Rows that a step overwrites
 * are not read, by it or by later steps.
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

/**
 * Folds the steps in order over the loaded rows. Pure; each row occurs once in the result, however many events change it.
 * Throws HandlerFailed.
 */
export function fold(readModel: ReadModel, steps: readonly Step[], loaded: LoadedRows): Changes {
  const tables = foldedTables(readModel);
  for (const step of steps) tables.apply(step, loaded);
  return tables.changes();
}

/** A fold under way, in memory: each step sees the effects of earlier ones. */
export type FoldedTables = {
  /** Throws HandlerFailed, after undoing the step. */
  apply(step: Step, loaded: LoadedRows): void;
  /** The rows that match the patterns now, among the rows that existed before (by key text) and those that the steps wrote. */
  find(patterns: Patterns, before?: LoadedRows): ReadonlyMap<string, readonly Row[]>;
  /** Whether the row's state is known without loading it. */
  knows(table: string, text: string): boolean;
  /** The number of rows and wipes in memory. */
  size(): number;
  changes(): Changes;
};

export function foldedTables(readModel: ReadModel): FoldedTables {
  const tables = new Map(
    Object.entries(readModel.tables).map(([name, table]) => [name, new TableFold(name, table)] as const),
  );
  const tableOf = (name: string) => {
    const found = tables.get(name);
    if (found === undefined) throw new Error(`read model ${readModel.name} has no table ${name}`);
    return found;
  };
  return {
    apply(step, loaded) {
      const undo: (() => void)[] = [];
      try {
        guard(step.event, () => {
          for (const [name, patterns] of Object.entries(step.wipes)) {
            for (const pattern of patterns ?? []) undo.push(tableOf(name).wipe(pattern, step.event.position));
          }
          // All rows first: a handler that fails must leave none of them.
          for (const { table, text, change } of projected(tables, tableOf, step, loaded)) table.set(text, change);
        });
      } catch (error) {
        for (const takeBack of undo.reverse()) takeBack();
        throw error;
      }
    },
    find(patterns, before = noRows) {
      const found = new Map<string, readonly Row[]>();
      for (const [name, ofTable] of patterns) found.set(name, [...tableOf(name).find(ofTable, before).values()]);
      return found;
    },
    knows: (name, text) => tableOf(name).knows(text),
    size() {
      let held = 0;
      for (const table of tables.values()) held += table.size;
      return held;
    },
    changes() {
      const changed = new Map<string, ChangesOfTable>();
      for (const [name, table] of tables) {
        const changes = table.changes();
        if (changes !== undefined) changed.set(name, changes);
      }
      return changed;
    },
  };
}

type Projected = { readonly table: TableFold; readonly text: string; readonly change: RowChange };

/** Most events touch one table of several. */
const none: readonly never[] = [];

/** The rows that a step writes, as its handler computes them from the current ones; without those that have seen its event. */
function projected(
  tables: ReadonlyMap<string, TableFold>,
  tableOf: (name: string) => TableFold,
  { event, handler, keys }: Step,
  loaded: LoadedRows,
): readonly Projected[] {
  const at = event.position;
  const texts: Record<string, readonly string[]> = {};
  const given: Record<string, readonly (Row | undefined)[]> = {};
  for (const [name, ofTable] of tables) {
    const named = keys[name]?.map((key) => keyText(ofTable.table, key)) ?? none;
    texts[name] = named;
    given[name] = handler.overwrites || named.length === 0 ? none : named.map((text) => ofTable.current(text, loaded));
  }
  // If all rows have seen the event, the handler is not called again.
  if (loaded.seenUpTo !== undefined && count(keys) > 0) {
    const isSeen = ([name, named]: [string, readonly string[]]) =>
      named.every((text) => hasSeen(loaded, name, text, at));
    if (Object.entries(texts).every(isSeen)) return none;
  }
  const written: Projected[] = [];
  const rowsOf = handler.project(given, event);
  for (const name of Object.keys(rowsOf)) {
    const ofTable = tableOf(name);
    (rowsOf[name] ?? []).forEach((row, index) => {
      const key = keys[name]?.[index];
      const text = texts[name]?.[index];
      if (key === undefined || text === undefined || (row && !hasKey(ofTable.table, row, key))) {
        throw new Error(`row ${index} of ${name} is not the one that keys() named`);
      }
      if (row !== undefined) written.push({ table: ofTable, text, change: { key, row, at } });
    });
  }
  if (handler.overwrites && written.length < count(keys)) throw new Error("it overwrites, and leaves rows out");
  if (loaded.seenUpTo === undefined) return written;
  return written.filter(({ table, text }) => !hasSeen(loaded, table.name, text, at));
}
