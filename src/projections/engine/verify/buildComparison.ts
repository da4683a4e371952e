/** A row that is not the same in two builds; `different` names the columns, with the values as text. */
export type RowDifference = {
  readonly kind: "only_in_first" | "only_in_second" | "different";
  readonly table: string;
  /** The values of the primary key. */
  readonly key: readonly string[];
  readonly columns: readonly {
    readonly column: string;
    readonly first: string | null;
    readonly second: string | null;
  }[];
};

export type TableComparison = {
  readonly table: string;
  readonly first: bigint;
  readonly second: bigint;
  readonly differences: bigint;
};

export type BuildComparison = {
  /** The lowest position that the partitions of each build have applied. */
  readonly positions: { readonly first: bigint; readonly second: bigint };
  readonly tables: readonly TableComparison[];
  /**
   * Differences that cannot be compared row by row: tables and columns that only one build has, or whose types differ.
   */
  readonly shapes: readonly string[];
  /** Rows that differ, and lines of `shapes`. */
  readonly differences: bigint;
  /** The first of the rows, in the order of their tables and primary keys. */
  readonly found: readonly RowDifference[];
};
