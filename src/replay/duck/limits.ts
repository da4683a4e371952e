/** The limits of a DuckDB. A container needs this memory for each that its process opens, besides its own. */
export type DuckLimits = {
  /** Mebibytes that it holds; beyond them it writes to a temporary folder. */
  readonly memory: number;
  readonly threads: number;
  /** Mebibytes of its temporary folder; a query that needs more fails. */
  readonly temporary: number;
};

/** The settings of the same names say otherwise. */
export const defaultDuckLimits: DuckLimits = { memory: 1_024, threads: 2, temporary: 20_480 };
