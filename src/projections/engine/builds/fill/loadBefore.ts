import type { RecordedEvent } from "../../../../event-store/types.ts";
import type { Build } from "../../core/build.ts";
import { type LoadedRows, noRows } from "../../core/changes.ts";
import type { Row } from "../../core/declaration.ts";
import { type FoldedTables, rowsToLoad } from "../../core/fold.ts";
import { maxErrorLength } from "../../core/parkingLimits.ts";
import type { Step } from "../../core/plan.ts";
import { keyText } from "../../core/rowKeys.ts";
import type { ReadModelStore } from "../../ports/readModelStore.ts";

/** An event that the read model handles. Without a step it is to be parked, because it was refused, or an earlier event of its key. */
export type Planned = { readonly event: RecordedEvent; step: Step | undefined; refusal: string | null };

/**
 * Loads the rows that planned events touch and that the fold does not have yet. An event whose keys the store refuses (NUL in a
 * text) is found by halving, and its step is replaced by the refusal.
 */
export async function loadBefore(
  store: Pick<ReadModelStore, "load" | "classify">,
  build: Build,
  tables: FoldedTables,
  planned: readonly Planned[],
): Promise<LoadedRows> {
  const { readModel } = build;
  const withStep = planned.filter((one): one is Planned & { step: Step } => one.step !== undefined);
  const steps = withStep.map(({ step }) => step);
  const wanted = new Map(
    [...rowsToLoad(readModel, steps)].map(([name, keys]): [string, readonly Row[]] => {
      const table = readModel.tables[name];
      return [name, keys.filter((key) => table !== undefined && !tables.knows(name, keyText(table, key)))];
    }),
  );
  try {
    return await store.load(build, wanted);
  } catch (error) {
    const [first] = withStep;
    if (store.classify(error) !== "refused" || first === undefined) throw error;
    if (withStep.length === 1) {
      (first as Planned).step = undefined;
      first.refusal = (error as Error).message.slice(0, maxErrorLength);
      return noRows;
    }
    const middle = Math.floor(withStep.length / 2);
    const halves = [
      await loadBefore(store, build, tables, withStep.slice(0, middle)),
      await loadBefore(store, build, tables, withStep.slice(middle)),
    ];
    return merged(halves);
  }
}

function merged(parts: readonly LoadedRows[]): LoadedRows {
  const tables = new Map<string, Map<string, Row>>();
  for (const part of parts) {
    for (const [name, rows] of part.rows) {
      const others = tables.get(name) ?? new Map<string, Row>();
      tables.set(name, others);
      for (const [text, row] of rows) others.set(text, row);
    }
  }
  const seenUpTo = (name: string, text: string) => {
    for (const part of parts) {
      const position = part.seenUpTo?.(name, text);
      if (position !== undefined) return position;
    }
    return undefined;
  };
  return { rows: tables, seenUpTo };
}
