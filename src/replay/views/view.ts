/** A view over the table `events` that every database of `heima replay sql` has. */
export type View = {
  readonly name: string;
  /** The meaning of a row, for docs/analysts.md. */
  readonly description: string;
  /** The meaning of the columns, beyond their names. */
  readonly columns: Readonly<Record<string, string>>;
  /** SQL over the columns: the day of China that a row is of, or with which its period begins. Periods are asked for by it. */
  readonly day?: string;
  /** The column with the book that a row is of. */
  readonly book?: string;
  /** A SELECT of DuckDB. It may use the views before it in the list. */
  readonly sql: string;
};
