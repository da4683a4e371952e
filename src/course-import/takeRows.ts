import { groupBy } from "../domain/groupBy.ts";
import { chunksOf } from "../platform/chunksOf.ts";
import { inParallel } from "./inParallel.ts";
import type { Entry, Ledger } from "./ledger.ts";
import { reasonOf } from "./reasonOf.ts";
import type { TableName } from "./tables.ts";
import type { startTally } from "./tally.ts";
import { OutdatedRow } from "./values.ts";

/** Readers imported concurrently; each mostly waits for the event store. */
export const together = 16;

/** Rows per lookup of what was imported before. */
const lookedUpTogether = 1_000;

type TakingRows = {
  readonly ledger: Ledger;
  readonly tally: ReturnType<typeof startTally>;
  /** Throws UnusableRow if no row of the user is to be imported, even if its id was imported before. */
  readonly requireUser: (userId: number) => void;
  readonly onTaken: () => void;
  readonly signal: AbortSignal | undefined;
};

/** Functions that import rows, and count or report what became of each. `work` resolves with whether anything was written. */
export function takingRows({ ledger, tally, requireUser, onTaken, signal }: TakingRows) {
  /** Imports a row; errors about the row skip it. */
  async function take(table: TableName, id: number, work: () => Promise<boolean>): Promise<void> {
    signal?.throwIfAborted();
    try {
      tally.count(table, (await work()) ? "imported" : "unchanged");
    } catch (error) {
      tally.leaveOut(table, id, reasonOf(table, error));
    }
    onTaken();
  }

  /** Does the work of an entry that is not in the ledger yet, and then enters it. */
  async function once(entry: Entry, id: number, isKnown: boolean, work: () => Promise<boolean>): Promise<boolean> {
    if (isKnown) return false;
    const written = await work().catch(async (error: unknown) => {
      if (error instanceof OutdatedRow) await ledger.addRow(entry, id);
      throw error;
    });
    await ledger.addRow(entry, id);
    return written;
  }

  /** The ids of the rows that are in the ledger. */
  async function knownOf(entry: Entry, rows: readonly { readonly id: number }[]): Promise<ReadonlySet<number>> {
    const known = new Set<number>();
    for (const some of chunksOf(rows, lookedUpTogether)) {
      const ids = some.map(({ id }) => id);
      for (const id of await ledger.knownRows(entry, ids)) known.add(id);
    }
    return known;
  }

  /** Imports rows, those of each reader in order. `once` does what is to be done only if the row was not imported before. */
  async function takeByUser<Row extends { readonly id: number }>(
    table: TableName,
    rows: readonly Row[],
    userOf: (row: Row) => number,
    work: (row: Row, isKnown: boolean) => Promise<boolean>,
  ): Promise<void> {
    const known = await knownOf(table, rows);
    await inParallel([...groupBy(rows, userOf).values()], together, async (ofUser) => {
      for (const row of ofUser) {
        await take(table, row.id, async () => {
          requireUser(userOf(row));
          return work(row, known.has(row.id));
        });
      }
    });
  }

  /** The same, each row once. */
  function takeOnce<Row extends { readonly id: number; readonly userId: number }>(
    table: TableName,
    rows: readonly Row[],
    work: (row: Row) => Promise<boolean>,
  ): Promise<void> {
    const userOf = ({ userId }: Row) => userId;
    return takeByUser(table, rows, userOf, (row, isKnown) => once(table, row.id, isKnown, () => work(row)));
  }

  return { take, once, knownOf, takeByUser, takeOnce };
}
