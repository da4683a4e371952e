import type { DomainEvent } from "../../../domain/event.ts";
import type { HeimaEvent } from "../../../domain/events.ts";
import type { PartitionKeyKind } from "../../../domain/partitionKeys.ts";
import { type Category, idOf } from "../../../domain/streams.ts";
import type { DecodedEvent } from "../../../event-store/types.ts";

/** The column types of read models, and the type of their values in a row. A trailing `?` allows null. */
type ColumnValues = { text: string; bool: boolean; int4: number; int8: bigint; timestamptz: Date };
export type ColumnType = keyof ColumnValues | `${keyof ColumnValues}?`;
type ValueOf<Type extends ColumnType> = Type extends `${infer Base extends keyof ColumnValues}?`
  ? ColumnValues[Base] | null
  : Type extends keyof ColumnValues
    ? ColumnValues[Type]
    : never;

/** A table of a read model. The primary key starts with the column of the partition key. */
export type Table = {
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly primaryKey: readonly [string, ...string[]];
  /** Column lists, each as in `CREATE INDEX … ON table`. */
  readonly indexes?: readonly string[];
};
export type Tables = Readonly<Record<string, Table>>;

/** The column of the partition key. */
export const partitionColumn = ({ primaryKey }: Pick<Table, "primaryKey">): string => primaryKey[0];

export type RowOf<T extends Table> = { readonly [Column in keyof T["columns"]]: ValueOf<T["columns"][Column]> };
type KeyOf<T extends Table> = Pick<RowOf<T>, T["primaryKey"][number]>;

/**
 * Maps one event type to changes of rows. All functions are pure, and all rows that they name belong to the event's partition
 * key. A missing row is not an error.
 */
type Handler<Ts extends Tables, Event extends DomainEvent> = {
  /** The rows that the event touches, by table; `found`: the result of `finds`, in the state before the event. */
  readonly keys: (
    event: DecodedEvent<Event>,
    found: { readonly [Name in keyof Ts]: readonly RowOf<Ts[Name]>[] },
  ) => { readonly [Name in keyof Ts]?: readonly KeyOf<Ts[Name]>[] };
  /**
   * Maps the rows, in the order of `keys` (undefined: missing), to their new contents; null deletes a row, undefined leaves it
   * unchanged.
   */
  readonly project: (
    rows: { readonly [Name in keyof Ts]: readonly (RowOf<Ts[Name]> | undefined)[] },
    event: DecodedEvent<Event>,
  ) => { readonly [Name in keyof Ts]?: readonly (RowOf<Ts[Name]> | null | undefined)[] };
  /**
   * `project` covers all rows of `keys` and computes them from the event alone: they are not read, and `project` receives none.
   */
  readonly overwrites?: boolean;
  /** Columns and values, including the partition key: all matching rows are deleted before the event's own rows are loaded. */
  readonly wipe?: (event: DecodedEvent<Event>) => { readonly [Name in keyof Ts]?: readonly Partial<RowOf<Ts[Name]>>[] };
  /**
   * For an event without a partition key, which goes to every partition: indexed columns and values, whose matching rows are
   * looked up in each partition. `keys` may then name rows of the matching rows' partition keys. `project` deletes what `wipe`
   * would delete, if counts need to know the deleted rows. The event is applied once more, to the rows of one key, when events of that key
   * that were parked before it are applied: before and after them it must leave the same rows as after them alone.
   */
  readonly finds?: (event: DecodedEvent<Event>) => {
    readonly [Name in keyof Ts]?: readonly Partial<RowOf<Ts[Name]>>[];
  };
};

/**
 * An Elasticsearch index in which a read model stores its rows, instead of tables. Rows are those of its only table; searches
 * use the document derived from each row.
 */
type IndexOf<Ts extends Tables, Numbers extends string> = {
  readonly settings: Readonly<Record<string, unknown>>;
  /** The mappings of the documents. The field `engine` is reserved. */
  readonly mappings: { readonly properties: Readonly<Record<string, unknown>> };
  /** Numbers of a row that change without an event, such as decayed heat: the engine refreshes them. Unknown numbers are zero. */
  readonly numbers?: readonly Numbers[];
  /** The document of a row, with its numbers as of a time; pure. */
  readonly document: (
    row: RowOf<Ts[keyof Ts]>,
    numbers: Readonly<Record<Numbers, number>> & { readonly asOf: Date },
  ) => Readonly<Record<string, unknown>>;
};

/** The declaration of a read model (docs/projections.md). */
export type ReadModelDeclaration<Name extends string, Ts extends Tables, Numbers extends string = never> = {
  readonly name: Name;
  /**
   * Raise it whenever tables or handlers change: the new version is built from the beginning of the log. Not if a handler only changes
   * for a new version of an event, which no earlier release can have folded.
   */
  readonly version: number;
  readonly partitionKey: PartitionKeyKind;
  readonly categories: readonly Category[];
  readonly tables: Ts;
  readonly index?: IndexOf<Ts, Numbers>;
  readonly on: { readonly [Event in HeimaEvent as Event["type"]]?: Handler<Ts, Event> };
};

export type Row = Readonly<Record<string, unknown>>;
type PerTable<Value> = Readonly<Record<string, readonly Value[] | undefined>>;

/** A handler as seen by the engine: for any event and table. */
export type EngineHandler = {
  readonly keys: (event: DecodedEvent, found: Readonly<Record<string, readonly Row[]>>) => PerTable<Row>;
  readonly project: (
    rows: Readonly<Record<string, readonly (Row | undefined)[]>>,
    event: DecodedEvent,
  ) => PerTable<Row | null | undefined>;
  readonly overwrites?: boolean;
  readonly wipe?: (event: DecodedEvent) => PerTable<Row>;
  readonly finds?: (event: DecodedEvent) => PerTable<Row>;
};

/** An index as seen by the engine. */
export type EngineIndex = Omit<IndexOf<Tables, string>, "document"> & {
  readonly document: (row: Row, numbers: RowNumbers) => Readonly<Record<string, unknown>>;
};
/** The numbers of a row by name, as of a time. */
export type RowNumbers = Readonly<Record<string, number>> & { readonly asOf: Date };

/** A read model as seen by the engine; name and tables keep their types for queries. */
export type ReadModel<Name extends string = string, Ts extends Tables = Tables> = Omit<
  ReadModelDeclaration<Name, Ts>,
  "on" | "index"
> & {
  readonly index?: EngineIndex;
  readonly on: Readonly<Record<string, EngineHandler | undefined>>;
};

/**
 * Declares a read model; checked by its types. If it is partitioned by reader, an erased reader's rows are deleted
 * automatically. Otherwise the declaration must handle the erasure.
 */
export function defineReadModel<
  const Name extends string,
  const Ts extends Tables,
  const Numbers extends string = never,
>(declaration: ReadModelDeclaration<Name, Ts, Numbers>): ReadModel<Name, Ts> {
  const readModel = declaration as unknown as ReadModel<Name, Ts>;
  if (declaration.index !== undefined) checkIndex(readModel);
  if (declaration.partitionKey !== "reader") return readModel;
  return { ...readModel, on: { ReaderErased: wipesReader(declaration.tables), ...readModel.on } };
}

/** Checks the restrictions on read models with an index; throws. */
function checkIndex({ name, tables, index, on }: ReadModel): void {
  if (Object.keys(tables).length !== 1) throw new Error(`read model ${name} has an index, and so one table of rows`);
  // A row may have seen later events than the event that looks it up, so the result would depend on timing.
  const finding = Object.keys(on).find((type) => on[type]?.finds !== undefined);
  if (finding !== undefined) throw new Error(`read model ${name} has an index: ${finding} cannot find rows`);
  if (index !== undefined && "engine" in index.mappings.properties)
    throw new Error(`the field engine of read model ${name} is the engine's`);
}

function wipesReader(tables: Tables): EngineHandler {
  const columns = Object.entries(tables).map(([name, table]) => [name, partitionColumn(table)] as const);
  return {
    keys: () => ({}),
    project: () => ({}),
    wipe: ({ stream }) => Object.fromEntries(columns.map(([name, column]) => [name, [{ [column]: idOf(stream) }]])),
  };
}

/** Returns whether the read model has a handler for events of this type. */
export function handles(readModel: ReadModel, type: string): boolean {
  return Object.hasOwn(readModel.on, type) && readModel.on[type] !== undefined;
}

/** The categories of handled events: the read model's own, and `account` if it deletes rows of erased readers. */
export function handledCategories({ categories, on }: Pick<ReadModel, "categories" | "on">): readonly Category[] {
  return on.ReaderErased === undefined ? categories : [...new Set<Category>([...categories, "account"])];
}

/** The categories to which a build subscribes: the handled ones, and `operations`, which every build reads. */
export function subscribedCategories(readModel: Pick<ReadModel, "categories" | "on">): readonly Category[] {
  return [...new Set<Category>([...handledCategories(readModel), "operations"])];
}
