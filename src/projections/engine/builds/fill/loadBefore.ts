import type { RecordedEvent } from "../../../../event-store/types.ts";
import type { Build } from "../../core/build.ts";
import type { Row } from "../../core/declaration.ts";
import { type Folder, keyText, type LoadedRows, rowsToLoad, withSeen } from "../../core/fold.ts";
import type { Step } from "../../core/plan.ts";
import type { ReadModelStore } from "../../ports/readModelStore.ts";

/** An event that the read model handles. Without a step it is to be parked, because of its own fault or an earlier event's. */
export type Planned = { readonly event: RecordedEvent; step: Step | undefined; fault: string | null };

/**
 * Loads the rows that planned events touch and that the fold does not have yet. An event whose keys the store refuses (NUL in a
 * text) is found by halving, and its step is replaced by the fault.
 */
export async function loadBefore(
  store: Pick<ReadModelStore, "load" | "classify">,
  build: Build,
  folder: Folder,
  planned: readonly Planned[],
): Promise<LoadedRows> {
  const { readModel } = build;
  const withStep = planned.filter((one): one is Planned & { step: Step } => one.step !== undefined);
  const steps = withStep.map(({ step }) => step);
  const wanted = new Map(
    [...rowsToLoad(readModel, steps)].map(([name, keys]): [string, readonly Row[]] => {
      const table = readModel.tables[name];
      return [name, keys.filter((key) => table !== undefined && !folder.knows(name, keyText(table, key)))];
    }),
  );
  try {
    return await store.load(build, wanted);
  } catch (error) {
    const [first] = withStep;
    if (store.classify(error) !== "refused" || first === undefined) throw error;
    if (withStep.length === 1) {
      (first as Planned).step = undefined;
      first.fault = (error as Error).message.slice(0, 500);
      return new Map();
    }
    const middle = Math.floor(withStep.length / 2);
    const halves = [
      await loadBefore(store, build, folder, withStep.slice(0, middle)),
      await loadBefore(store, build, folder, withStep.slice(middle)),
    ];
    return merged(halves);
  }
}

function merged(parts: readonly LoadedRows[]): LoadedRows {
  const tables = new Map<string, Map<string, Row>>();
  for (const part of parts) {
    for (const [name, rows] of part) {
      const others = tables.get(name) ?? new Map<string, Row>();
      tables.set(name, others);
      for (const [text, row] of rows) others.set(text, row);
    }
  }
  return withSeen(tables, (name, text) => {
    for (const { seen } of parts) {
      const position = seen?.(name, text);
      if (position !== undefined) return position;
    }
    return undefined;
  });
}
