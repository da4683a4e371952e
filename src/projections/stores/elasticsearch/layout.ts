import { createHash } from "node:crypto";
import type { Build } from "../../engine/core/build.ts";
import type { EngineIndex, Row, RowNumbers, Table } from "../../engine/core/declaration.ts";
import { partitionOf } from "../../engine/core/partition.ts";
import { RefusedContents } from "./errors.ts";
import { refuseUnmapped } from "./mapped.ts";
import { type StoredRow, storedRow } from "./values.ts";

/**
 * What the engine keeps in each document of an index, in the field `engine`: of a row that is there or gone, or of a checkpoint. Only
 * rows that are there have fields of their own beside it, so that no query finds another. Positions are decimal text: JSON numbers
 * end at 2^53.
 */
export type EngineField =
  | {
      readonly kind: "row";
      readonly partition: number;
      readonly key: string;
      readonly columns: readonly string[];
      readonly position: string;
      readonly row: StoredRow;
      readonly numbers: Readonly<Record<string, number>>;
    }
  | { readonly kind: "gone"; readonly partition: number; readonly key: string; readonly position: string }
  | { readonly kind: "checkpoint"; readonly partition: number; readonly position: string; readonly eventId: string };

const keyword = { type: "keyword" } as const;
const unindexed = { type: "object", enabled: false } as const;

/** The mapping of the field. */
const engineMapping = {
  properties: {
    kind: keyword,
    partition: { type: "integer" },
    key: keyword,
    columns: keyword,
    position: { type: "long" },
    eventId: { type: "keyword", index: false, doc_values: false },
    row: unindexed,
    numbers: unindexed,
  },
} as const;

/**
 * Settings and mappings of the index of a build. One shard: what a search sees is then one moment of the partitions' documents. Nothing
 * is shown before the build takes over, so that a fill need not refresh.
 */
export function indexBody({ settings, mappings }: EngineIndex) {
  return {
    settings: { number_of_shards: 1, auto_expand_replicas: "0-1", ...settings, refresh_interval: "-1" },
    mappings: {
      ...mappings,
      dynamic: "strict" as const,
      properties: { ...mappings.properties, engine: engineMapping },
    },
  };
}

/** The table and the index of a build that has one. */
export function declared({ readModel }: Build): {
  readonly name: string;
  readonly table: Table;
  readonly index: EngineIndex;
} {
  const [entry] = Object.entries(readModel.tables);
  if (entry === undefined || readModel.index === undefined) throw new Error(`${readModel.name} has no index`);
  const [name, table] = entry;
  return { name, table, index: readModel.index };
}

/** The most bytes that an id may have. */
const maxIdBytes = 512;
/** Characters of a value up to which it stands in a keyword as it is; of a longer one a hash does. */
const maxPlain = 200;

/**
 * The id of a row's document, by the text of its key: the value of a key of one column, else that text; a hash where it cannot be an id, or
 * could be another's.
 */
export function rowId({ primaryKey }: Table, text: string): string {
  const value = (primaryKey.length === 1 ? text.slice(text.indexOf(":") + 1) : text).toWellFormed();
  const isPlain = value !== "" && !/^[#~]/.test(value) && Buffer.byteLength(value) <= maxIdBytes;
  return isPlain ? value : `#${hash(value)}`;
}

export const checkpointId = (partition: number): string => `~checkpoint-${partition}`;

/** A partition key as the documents of its rows are found by it. */
export function keywordOf(value: unknown): string {
  const text = (value instanceof Date ? value.toISOString() : String(value)).toWellFormed();
  return text.length <= maxPlain ? text : `#${hash(text)}`;
}

/** A column of the primary key with its value. */
export const columnKeyword = (column: string, value: unknown): string => `${column}=${keywordOf(value)}`;

const hash = (text: string) => createHash("sha256").update(text).digest("hex");

/** The document of a row that is there, by the position up to which it has seen its events. Throws RefusedContents. */
export function rowDocument(build: Build, row: Row, numbers: RowNumbers): (position: bigint) => object {
  const { table, index } = declared(build);
  const stored = storedRow(table, row);
  const partitionKey = String(row[table.primaryKey[0] ?? ""]);
  const document = documentOf(index, row, numbers);
  const { asOf: _, ...known } = numbers;
  return (position) => {
    const engine: EngineField = {
      kind: "row",
      partition: partitionOf(partitionKey, build.partitions),
      key: keywordOf(partitionKey),
      columns: table.primaryKey.map((column) => columnKeyword(column, row[column])),
      position: String(position),
      row: stored,
      numbers: known,
    };
    return { ...document, engine };
  };
}

function documentOf(index: EngineIndex, row: Row, numbers: RowNumbers): object {
  let document: Readonly<Record<string, unknown>>;
  try {
    document = index.document(row, numbers);
  } catch (error) {
    throw new RefusedContents(`no document can be made of the row: ${(error as Error).message}`, { cause: error });
  }
  refuseUnmapped(index.mappings.properties, document);
  return document;
}

/** The document of a row that is gone: an index forgets the version of what is deleted (rule 21). */
export function goneDocument(build: Build, key: Row, position: bigint): object {
  const partitionKey = String(key[declared(build).table.primaryKey[0] ?? ""]);
  const engine: EngineField = {
    kind: "gone",
    partition: partitionOf(partitionKey, build.partitions),
    key: keywordOf(partitionKey),
    position: String(position),
  };
  return { engine };
}
