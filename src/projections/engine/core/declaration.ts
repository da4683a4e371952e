import type { DomainEvent } from "../../../domain/event.ts";
import type { HeimaEvent } from "../../../domain/events.ts";
import type { PartitionKeyKind } from "../../../domain/partitionKeys.ts";
import { type Category, idOf } from "../../../domain/streams.ts";
import type { DecodedEvent } from "../../../event-store/types.ts";

/** The column types that a read model may use, and what a row holds for each. A trailing `?` allows null. */
type ColumnValues = { text: string; bool: boolean; int4: number; int8: bigint; timestamptz: Date };
export type ColumnType = keyof ColumnValues | `${keyof ColumnValues}?`;
type ValueOf<Type extends ColumnType> = Type extends `${infer Base extends keyof ColumnValues}?`
  ? ColumnValues[Base] | null
  : Type extends keyof ColumnValues
    ? ColumnValues[Type]
    : never;

/** A table of a read model. The primary key begins with the column that holds the partition key. */
export type Table = {
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly primaryKey: readonly string[];
  /** Column lists, each as it stands behind `CREATE INDEX … ON table`. */
  readonly indexes?: readonly string[];
};
export type Tables = Readonly<Record<string, Table>>;

export type RowOf<T extends Table> = { readonly [Column in keyof T["columns"]]: ValueOf<T["columns"][Column]> };
type KeyOf<T extends Table> = Pick<RowOf<T>, T["primaryKey"][number]>;

/**
 * How one event type changes the rows. All three functions are pure, and all rows that they name belong to the partition key of
 * the event. A missing row is no error.
 */
type Handler<Ts extends Tables, Event extends DomainEvent> = {
  /** The rows that the event touches, per table; `found`: what `finds` asked for, as it is before the event. */
  readonly keys: (
    event: DecodedEvent<Event>,
    found: { readonly [Name in keyof Ts]: readonly RowOf<Ts[Name]>[] },
  ) => { readonly [Name in keyof Ts]?: readonly KeyOf<Ts[Name]>[] };
  /** The rows in the order of `keys` (undefined: missing) → their new contents; null deletes a row, undefined leaves it. */
  readonly project: (
    rows: { readonly [Name in keyof Ts]: readonly (RowOf<Ts[Name]> | undefined)[] },
    event: DecodedEvent<Event>,
  ) => { readonly [Name in keyof Ts]?: readonly (RowOf<Ts[Name]> | null | undefined)[] };
  /**
   * `project` names all rows that `keys` does, and makes them from the event alone: they are not read before, and it is given
   * none.
   */
  readonly overwrites?: boolean;
  /** Columns and values, including the partition key: all rows with them are deleted before the event's own rows are loaded. */
  readonly wipe?: (event: DecodedEvent<Event>) => { readonly [Name in keyof Ts]?: readonly Partial<RowOf<Ts[Name]>>[] };
  /**
   * For an event without a partition key, which goes to every partition: indexed columns and values, of which each partition finds
   * its rows. `keys` may then name rows of the partition keys of those. `project` deletes what `wipe` would: a count needs to know.
   */
  readonly finds?: (event: DecodedEvent<Event>) => {
    readonly [Name in keyof Ts]?: readonly Partial<RowOf<Ts[Name]>>[];
  };
};

/**
 * An Elasticsearch index in which a read model keeps its rows instead of tables. The rows are those of its only table; what is searched
 * is the document that is made of each.
 */
type IndexOf<Ts extends Tables, Numbers extends string> = {
  readonly settings: Readonly<Record<string, unknown>>;
  /** Of the documents. The field `engine` is the engine's. */
  readonly mappings: { readonly properties: Readonly<Record<string, unknown>> };
  /** Numbers of a row that change without an event of its own, such as decayed heat: the engine refreshes them. Zero where none is known. */
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
  /** Raised whenever tables or handlers change: the new version is built from the log's beginning. */
  readonly version: number;
  readonly partitionKey: PartitionKeyKind;
  readonly categories: readonly Category[];
  readonly tables: Ts;
  readonly index?: IndexOf<Ts, Numbers>;
  readonly on: { readonly [Event in HeimaEvent as Event["type"]]?: Handler<Ts, Event> };
};

export type Row = Readonly<Record<string, unknown>>;
type PerTable<Value> = Readonly<Record<string, readonly Value[] | undefined>>;

/** A handler as the engine sees it: any event, any table. */
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

/** An index as the engine sees it. */
export type EngineIndex = Omit<IndexOf<Tables, string>, "document"> & {
  readonly document: (row: Row, numbers: RowNumbers) => Readonly<Record<string, unknown>>;
};
/** The numbers of a row by name, and as of when. */
export type RowNumbers = Readonly<Record<string, number>> & { readonly asOf: Date };

/** A read model as the engine sees it; its name and tables keep their types for those who query it. */
export type ReadModel<Name extends string = string, Ts extends Tables = Tables> = Omit<
  ReadModelDeclaration<Name, Ts>,
  "on" | "index"
> & {
  readonly index?: EngineIndex;
  readonly on: Readonly<Record<string, EngineHandler | undefined>>;
};

/**
 * Declares a read model: checks it by its types. One that is partitioned by reader forgets a reader who is erased without being
 * told how: all rows of the key go. Any other must say what is the reader's.
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

/** What an index cannot do; throws. */
function checkIndex({ name, tables, index, on }: ReadModel): void {
  if (Object.keys(tables).length !== 1) throw new Error(`read model ${name} has an index, and so one table of rows`);
  // A row may have seen later events than the one that finds it: what it finds depends on when it was tried.
  const finding = Object.keys(on).find((type) => on[type]?.finds !== undefined);
  if (finding !== undefined) throw new Error(`read model ${name} has an index: ${finding} cannot find rows`);
  if (index !== undefined && "engine" in index.mappings.properties)
    throw new Error(`the field engine of read model ${name} is the engine's`);
}

function wipesReader(tables: Tables): EngineHandler {
  const columns = Object.entries(tables).map(([name, { primaryKey }]) => [name, primaryKey[0] ?? ""] as const);
  return {
    keys: () => ({}),
    project: () => ({}),
    wipe: ({ stream }) => Object.fromEntries(columns.map(([name, column]) => [name, [{ [column]: idOf(stream) }]])),
  };
}

/** Whether the read model has a handler for events of this type. */
export function handles(readModel: ReadModel, type: string): boolean {
  return Object.hasOwn(readModel.on, type) && readModel.on[type] !== undefined;
}

/** The categories of the events that the read model handles: its own, and `account` if it forgets erased readers. */
export function handledCategories({ categories, on }: Pick<ReadModel, "categories" | "on">): readonly Category[] {
  return on.ReaderErased === undefined ? categories : [...new Set<Category>([...categories, "account"])];
}

/** The categories to which a build subscribes: those that it handles, and `operations`, which every build reads. */
export function subscribedCategories(readModel: Pick<ReadModel, "categories" | "on">): readonly Category[] {
  return [...new Set<Category>([...handledCategories(readModel), "operations"])];
}
