/**
 * How a build differs from the fold. `missing`: the fold has the row and the build has not; `unexpected`: the other way
 * round; `different`: some columns differ; `not_parked`: the handler refuses an event that is neither parked nor skipped;
 * `parked`: as many events or keys are parked as the log does not account for.
 */
export type DifferenceKind = "missing" | "unexpected" | "different" | "not_parked" | "parked";

/** What a column should hold by the fold, and what the build holds. */
export type ColumnDifference = { readonly column: string; readonly expected: unknown; readonly found: unknown };

export type Difference = {
  readonly kind: DifferenceKind;
  /** Null for what concerns no one table. */
  readonly table: string | null;
  /** The values of the row's primary key, or the partition key. */
  readonly key: readonly string[];
  /** Of `different` alone. */
  readonly columns: readonly ColumnDifference[];
  /** What else there is to say. */
  readonly detail: string | null;
};

/** The most differences that are kept; all are counted. */
const maxKept = 100;

/** Collects differences, of which there may be as many as rows. */
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
