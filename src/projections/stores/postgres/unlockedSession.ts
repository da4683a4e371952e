import type { LogPoint } from "../../engine/core/batch.ts";
import type { Build } from "../../engine/core/build.ts";
import type { LoadedRows, RowChange } from "../../engine/core/changes.ts";
import type { Row } from "../../engine/core/declaration.ts";
import { keyText } from "../../engine/core/rowKeys.ts";
import type { ByTable, PartitionSession } from "../../engine/ports/readModelStore.ts";
import type { PartitionStep } from "./compareAndSet.ts";
import { forgetOldest, type KnownPartition, type KnownRows, remember } from "./knownPartitions.ts";
import type { WantedRows } from "./loading.ts";
import { storedTables } from "./tables.ts";

/** The work requires a transaction with a locked checkpoint. */
class NeedsLock extends Error {
  override readonly name = "NeedsLock";
}

/** The statements of sessions; sessions of one turn of the event loop may share a statement. */
export type SessionStatements = {
  readonly load: (wanted: WantedRows) => Promise<LoadedRows>;
  readonly compareAndSet: (step: PartitionStep) => Promise<boolean>;
};

const none: ReadonlyMap<string, bigint> = new Map();

/**
 * Runs work on a cached partition without locking it: reads only rows that are not cached, and writes everything at the end if
 * the checkpoint is still the cached one. Undefined, with nothing written, if it is not, or if the work does not advance, or
 * parks, finds or wipes: then the work must be run again under the lock.
 */
export async function withoutLock<Result>(
  statements: SessionStatements,
  build: Build,
  partition: number,
  known: KnownPartition,
  work: (session: PartitionSession) => Promise<Result>,
): Promise<{ readonly result: Result; readonly known: KnownPartition } | undefined> {
  const tables = new Map(storedTables(build));
  const written = new Map<string, Map<string, RowChange>>();
  let end: LogPoint | undefined;
  const needsLock = () => Promise.reject(new NeedsLock());

  const load = async (keys: ByTable<readonly Row[]>) => {
    const found = new Map<string, Map<string, Row>>();
    const missing = new Map<string, readonly Row[]>();
    for (const [name, wanted] of keys) {
      const { table } = tables.get(name) ?? {};
      if (table === undefined) continue;
      const rows = new Map<string, Row>();
      found.set(name, rows);
      const cached = known.rows.get(name) ?? new Map<string, Row | null>();
      known.rows.set(name, cached);
      const unknown = wanted.filter((key) => {
        const text = keyText(table, key);
        const change = written.get(name)?.get(text);
        const row = change === undefined ? cached.get(text) : change.row;
        if (row) rows.set(text, row);
        return row === undefined;
      });
      if (unknown.length > 0) missing.set(name, unknown);
    }
    if (missing.size === 0) return { rows: found };
    const loaded = await statements.load({ build, keys: missing });
    for (const [name, keysOfTable] of missing) {
      const { table } = tables.get(name) ?? {};
      for (const key of table === undefined ? [] : keysOfTable) {
        const text = keyText(table as NonNullable<typeof table>, key);
        const row = loaded.rows.get(name)?.get(text);
        if (row !== undefined) found.get(name)?.set(text, row);
      }
    }
    return { rows: found };
  };

  const session: PartitionSession = {
    checkpoint: { ...known.checkpoint, parkedKeys: 0 },
    parkedKeys: async () => none,
    parked: needsLock,
    park: needsLock,
    unpark: needsLock,
    leaveOut: needsLock,
    find: needsLock,
    load,
    async write(changes) {
      for (const [name, { wipes, rows }] of changes) {
        if (wipes.length > 0) throw new NeedsLock();
        const ofTable = written.get(name) ?? new Map<string, RowChange>();
        written.set(name, ofTable);
        for (const [text, change] of rows) ofTable.set(text, change);
      }
    },
    async advance(upTo) {
      end = upTo;
    },
  };

  let result: Result;
  try {
    result = await work(session);
  } catch (error) {
    if (error instanceof NeedsLock) return undefined;
    throw error;
  }
  if (end === undefined) return undefined;
  const step = { build, partition, from: known.checkpoint, upTo: end, changes: written };
  if (!(await statements.compareAndSet(step))) return undefined;
  return {
    result,
    known: { checkpoint: { ...known.checkpoint, ...end }, rows: afterwards(known.rows, build, written) },
  };
}

function afterwards(
  rows: KnownRows,
  build: Build,
  written: ReadonlyMap<string, ReadonlyMap<string, RowChange>>,
): KnownRows {
  for (const [name, { table }] of storedTables(build)) {
    const ofTable = rows.get(name);
    if (ofTable === undefined) continue;
    for (const [text, { row }] of written.get(name) ?? []) remember(ofTable, table, text, row);
  }
  forgetOldest(rows);
  return rows;
}
