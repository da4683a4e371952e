import type { Row } from "./declaration.ts";

/** The result of a fold, by table: wipes first, then each row's final state, null for a deleted row. */
export type Changes = ReadonlyMap<string, ChangesOfTable>;
export type ChangesOfTable = { readonly wipes: readonly Wipe[]; readonly rows: ReadonlyMap<string, RowChange> };
/** Deletes the rows that have the columns and values of `pattern`. `at`: the position of the event that wipes. */
export type Wipe = { readonly pattern: Row; readonly at: bigint };
/** `at`: the position of the last event that changed the row. */
export type RowChange = { readonly key: Row; readonly row: Row | null; readonly at: bigint };

/** The position up to which a row, deleted or not, has seen its events; undefined if the checkpoint determines it. */
export type SeenUpTo = (table: string, text: string) => bigint | undefined;

/**
 * The rows that existed before a fold, by table and key text. In a store without transactions a row may have seen events above
 * the checkpoint before a crash: `seenUpTo` tells, and these are not folded into it again (rule 20).
 */
export type LoadedRows = {
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, Row>>;
  readonly seenUpTo?: SeenUpTo | undefined;
};

/** No rows existed before. */
export const noRows: LoadedRows = { rows: new Map() };

/** Returns whether a row has seen the event at this position. */
export function hasSeen({ seenUpTo }: LoadedRows, table: string, text: string, position: bigint): boolean {
  const upTo = seenUpTo?.(table, text);
  return upTo !== undefined && upTo >= position;
}
