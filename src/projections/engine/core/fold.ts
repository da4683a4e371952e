import { isDeepStrictEqual } from "node:util";
import type { ReadModel, Row, Table } from "./declaration.ts";
import { count, guard, type Patterns, type Step } from "./plan.ts";

/** The result of a fold, by table: wipes first, then each row's final state, null for a deleted row. */
export type Changes = ReadonlyMap<string, ChangesOfTable>;
export type ChangesOfTable = {
  readonly wipes: readonly Row[];
  /** The positions of the events that wipe, in the order of `wipes`. */
  readonly wipedAt?: readonly bigint[];
  readonly rows: ReadonlyMap<string, RowChange>;
};
/** `at`: the position of the last event that changed the row. */
export type RowChange = { readonly key: Row; readonly row: Row | null; readonly at?: bigint };

/**
 * The key of a row as text, which identifies it in memory. Each column is preceded by its length, so that no two keys are
 * equal; JSON takes four times as long.
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

/** Lossless text: String omits the milliseconds of a Date. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value instanceof Date ? value.toISOString() : String(value);
}

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

/** The position up to which a row, deleted or not, has seen its events; undefined if the checkpoint determines it. */
export type SeenUpTo = (table: string, text: string) => bigint | undefined;

/**
 * The rows that existed before a fold, by table and key text. In a store without transactions a row may have seen events above
 * the checkpoint before a crash: these are not folded into it again (rule 20).
 */
export type LoadedRows = ReadonlyMap<string, ReadonlyMap<string, Row>> & { readonly seen?: SeenUpTo };

/** Loaded rows with the positions up to which each has seen its events. */
export function withSeen(rows: ReadonlyMap<string, ReadonlyMap<string, Row>>, seen: SeenUpTo): LoadedRows {
  return Object.assign(new Map(rows), { seen });
}

/**
 * Folds the steps in order over the loaded rows. Pure; each row occurs once in the result, however many events change it.
 * Throws HandlerFailed.
 */
export function fold(readModel: ReadModel, steps: readonly Step[], loaded: LoadedRows): Changes {
  const folder = createFolder(readModel);
  for (const step of steps) folder.fold(step, loaded);
  return folder.changes();
}

type TableChanges = {
  readonly wipes: Row[];
  readonly wipedAt: bigint[];
  readonly rows: Map<string, RowChange>;
  /** Key texts of `rows` by a column's value, built when rows are first looked up by it. A row's value may have changed since. */
  readonly textsBy: Map<string, Map<unknown, Set<string>>>;
  /** Wipes by partition key, since a wipe never affects other keys. */
  readonly wipesOf: Map<unknown, { readonly pattern: Row; readonly at: bigint }[]>;
};

/** Most events touch one table of several. */
const none: readonly never[] = [];

/** An incremental fold: each step sees the effects of earlier ones. */
export function createFolder(readModel: ReadModel) {
  const tables = new Map(
    Object.entries(readModel.tables).map(([name, table]) => [
      name,
      {
        table,
        keyColumn: table.primaryKey[0] ?? "",
        changes: { wipes: [], wipedAt: [], rows: new Map(), textsBy: new Map(), wipesOf: new Map() } as TableChanges,
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
    const { changes } = tableOf(name);
    if (!changes.rows.has(text)) held++;
    changes.rows.set(text, change);
    for (const [column, texts] of changes.textsBy) noteText(texts, column, text, change);
  };

  /** The changed rows with these columns and values. */
  const changedLike = (name: string, pattern: Row): [string, RowChange & { readonly row: Row }][] => {
    const { changes, keyColumn } = tableOf(name);
    const column = keyColumn in pattern ? keyColumn : (Object.keys(pattern)[0] ?? keyColumn);
    let texts = changes.textsBy.get(column);
    if (texts === undefined) {
      texts = new Map();
      changes.textsBy.set(column, texts);
      for (const [text, change] of changes.rows) noteText(texts, column, text, change);
    }
    const alike: [string, RowChange & { readonly row: Row }][] = [];
    for (const text of texts.get(pattern[column]) ?? []) {
      const { key, row } = changes.rows.get(text) ?? {};
      if (key && row && matches(pattern, row)) alike.push([text, { key, row }]);
    }
    return alike;
  };

  const current = (name: string, text: string, loaded: LoadedRows): Row | undefined => {
    const { changes, keyColumn } = tableOf(name);
    const changed = changes.rows.get(text);
    if (changed !== undefined) return changed.row ?? undefined;
    const row = loaded.get(name)?.get(text);
    if (row === undefined) return undefined;
    const isWiped = changes.wipesOf
      .get(row[keyColumn])
      ?.some(({ pattern, at }) => matches(pattern, row) && !hasSeen(loaded, name, text, at));
    return isWiped ? undefined : row;
  };

  /** Records a wipe, and removes matching rows from what earlier steps wrote. Returns how to undo it. */
  const wipe = (name: string, pattern: Row, at: bigint): (() => void) => {
    const { changes, keyColumn } = tableOf(name);
    const partitionKey = pattern[keyColumn];
    const wiped = changedLike(name, pattern);
    for (const [text, { key }] of wiped) changes.rows.set(text, { key, row: null, at });
    changes.wipes.push(pattern);
    changes.wipedAt.push(at);
    held++;
    const ofKey = changes.wipesOf.get(partitionKey) ?? [];
    changes.wipesOf.set(partitionKey, ofKey);
    ofKey.push({ pattern, at });
    return () => {
      ofKey.pop();
      changes.wipes.pop();
      changes.wipedAt.pop();
      held--;
      for (const [text, change] of wiped) changes.rows.set(text, change);
    };
  };

  const project = ({ event, handler, keys }: Step, loaded: LoadedRows) => {
    const texts: Record<string, readonly string[]> = {};
    const given: Record<string, readonly (Row | undefined)[]> = {};
    for (const [name, { table }] of tables) {
      const ofTable = keys[name]?.map((key) => keyText(table, key)) ?? none;
      texts[name] = ofTable;
      given[name] =
        handler.overwrites || ofTable.length === 0 ? none : ofTable.map((text) => current(name, text, loaded));
    }
    const projected: [name: string, text: string, change: RowChange][] = [];
    const at = event.position;
    // If all rows have seen the event, the handler is not called again.
    if (loaded.seen !== undefined && count(keys) > 0) {
      const isSeen = ([name, ofTable]: [string, readonly string[]]) =>
        ofTable.every((text) => hasSeen(loaded, name, text, at));
      if (Object.entries(texts).every(isSeen)) return [];
    }
    const rowsOf = handler.project(given, event);
    for (const name of Object.keys(rowsOf)) {
      const { table } = tableOf(name);
      (rowsOf[name] ?? []).forEach((row, index) => {
        const key = keys[name]?.[index];
        const text = texts[name]?.[index];
        if (key === undefined || text === undefined || (row && !hasKey(table, row, key))) {
          throw new Error(`row ${index} of ${name} is not the one that keys() named`);
        }
        if (row !== undefined) projected.push([name, text, { key, row, at }]);
      });
    }
    if (handler.overwrites && projected.length < count(keys)) throw new Error("it overwrites, and leaves rows out");
    if (loaded.seen === undefined) return projected;
    return projected.filter(([name, text]) => !hasSeen(loaded, name, text, at));
  };

  return {
    /** Throws HandlerFailed, after undoing the step. */
    fold(step: Step, loaded: LoadedRows): void {
      const undo: (() => void)[] = [];
      try {
        guard(step.event, () => {
          for (const [name, patterns] of Object.entries(step.wipes)) {
            for (const pattern of patterns ?? []) undo.push(wipe(name, pattern, step.event.position));
          }
          for (const [name, text, change] of project(step, loaded)) set(name, text, change);
        });
      } catch (error) {
        for (const takeBack of undo.reverse()) takeBack();
        throw error;
      }
    },
    /** The rows that match the patterns now, among the rows that existed before (by key text) and those that the steps wrote. */
    find(patterns: Patterns, before: LoadedRows = new Map()): Map<string, readonly Row[]> {
      const found = new Map<string, readonly Row[]>();
      for (const [name, ofTable] of patterns) {
        const rows = new Map<string, Row>();
        for (const text of before.get(name)?.keys() ?? []) {
          const row = tableOf(name).changes.rows.has(text) ? undefined : current(name, text, before);
          if (row !== undefined && ofTable.some((pattern) => matches(pattern, row))) rows.set(text, row);
        }
        for (const pattern of ofTable) for (const [text, { row }] of changedLike(name, pattern)) rows.set(text, row);
        found.set(name, [...rows.values()]);
      }
      return found;
    },
    /** Whether the row's state is known without loading it. */
    knows: (name: string, text: string) => tableOf(name).changes.rows.has(text),
    /** The number of rows and wipes in memory. */
    size: () => held,
    changes(): Changes {
      const changed = [...tables].filter(([, { changes }]) => changes.rows.size > 0 || changes.wipes.length > 0);
      return new Map(
        changed.map(
          ([
            name,
            {
              changes: { wipes, wipedAt, rows },
            },
          ]) => [name, { wipes, wipedAt, rows }],
        ),
      );
    },
  };
}
export type Folder = ReturnType<typeof createFolder>;

function hasSeen({ seen }: LoadedRows, name: string, text: string, position: bigint): boolean {
  const upTo = seen?.(name, text);
  return upTo !== undefined && upTo >= position;
}

/** Whether a row has these columns and values. */
export function matches(pattern: Row, row: Row): boolean {
  return Object.entries(pattern).every(([column, value]) => isDeepStrictEqual(row[column], value));
}

function noteText(texts: Map<unknown, Set<string>>, column: string, text: string, { row }: RowChange): void {
  if (row === null) return;
  const ofValue = texts.get(row[column]) ?? new Set();
  texts.set(row[column], ofValue.add(text));
}
