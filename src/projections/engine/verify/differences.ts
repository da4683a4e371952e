import type { ColumnDifference } from "../ports/readModelStore.ts";

/**
 * A kind of difference between a build and the fold. `missing`: only the fold has the row; `unexpected`: only the build has it;
 * `different`: some columns differ; `not_parked`: the handler refuses an event that is neither parked nor skipped; `parked`: the
 * number of parked events or keys does not match the log.
 */
export type DifferenceKind = "missing" | "unexpected" | "different" | "not_parked" | "parked";

export type Difference = {
  readonly kind: DifferenceKind;
  /** Null if it does not concern a single table. */
  readonly table: string | null;
  /** The row's primary key, or the partition key. */
  readonly key: readonly string[];
  /** Only for `different`: columns by the fold, and what a document of an index has beside them (`document.FIELD`). */
  readonly columns: readonly ColumnDifference[];
  /** Further information. */
  readonly detail: string | null;
};

/** The maximum number of differences that are kept; all are counted. */
const maxKept = 100;

/** Collects differences; there may be as many as rows. */
export function createDifferences() {
  const kept: Difference[] = [];
  let count = 0;
  return {
    add(difference: Pick<Difference, "kind" | "table" | "key"> & Partial<Difference>): void {
      count++;
      if (kept.length < maxKept) kept.push({ columns: [], detail: null, ...difference });
    },
    count: () => count,
    kept: (): readonly Difference[] => kept,
  };
}
export type Differences = ReturnType<typeof createDifferences>;
