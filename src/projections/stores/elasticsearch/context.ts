import type { Elasticsearch } from "../../../platform/elasticsearch.ts";
import type { Pool } from "../../../platform/postgres.ts";

/** A source of numbers of rows that change without an event; by the partition key of a row. */
export type NumbersSource = {
  /** For these keys; missing keys have zeros. */
  of(keys: readonly string[]): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>>;
  /** All that are not zero. */
  all(): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>>;
};

/** The dependencies of the store. Parked events, and what must be in one transaction with them, are in Postgres. */
export type Context = {
  readonly pool: Pool;
  readonly client: Elasticsearch;
  /** The prefix of all index and alias names, before a hyphen. */
  readonly prefix: string;
  /** By the name of the read model. */
  readonly numbers: Readonly<Record<string, NumbersSource>>;
  readonly now: () => Date;
};
