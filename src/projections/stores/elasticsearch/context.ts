import type { Elasticsearch } from "../../../platform/elasticsearch.ts";
import type { Pool } from "../../../platform/postgres.ts";

/** The numbers of rows that change without an event of theirs, from wherever they are computed; by the partition key of a row. */
export type NumbersSource = {
  /** Those of these keys; a key that is left out has zeros. */
  of(keys: readonly string[]): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>>;
  /** All that are not zero. */
  all(): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>>;
};

/** What the store works with. Parked events, and what else must be in one transaction with them, lie in Postgres. */
export type Context = {
  readonly pool: Pool;
  readonly client: Elasticsearch;
  /** What the names of all indices and aliases begin with, before a hyphen. */
  readonly prefix: string;
  /** By the name of the read model. */
  readonly numbers: Readonly<Record<string, NumbersSource>>;
  readonly now: () => Date;
};
