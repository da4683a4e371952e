import { createHash } from "node:crypto";
import type { Build } from "../../engine/core/build.ts";
import {
  type EngineIndex,
  partitionColumn,
  type Row,
  type RowNumbers,
  type Table,
} from "../../engine/core/declaration.ts";
import { partitionOf } from "../../engine/core/partition.ts";
import { RefusedContents } from "./errors.ts";
import { refuseUnmapped } from "./mapped.ts";
import { rowOf, type StoredRow, storedRow } from "./values.ts";

/**
 * The engine's data in each document of an index, in the field `engine`: for an existing or deleted row, or a checkpoint. Only
 * existing rows have other fields, so that queries find nothing else. Positions are decimal text, because JSON numbers end at
 * 2^53.
 */
export type EngineField =
  | {
      readonly kind: "row";
      readonly partition: number;
      readonly key: string;
      readonly columns: readonly string[];
      readonly position: string;
      readonly row: StoredRow;
      /** And `asOf`, their time in ISO 8601; missing in documents of releases that did not write it. */
      readonly numbers: Readonly<Record<string, number | string>>;
    }
  | { readonly kind: "gone"; readonly partition: number; readonly key: string; readonly position: string }
  | {
      readonly kind: "checkpoint";
      readonly partition: number;
      readonly position: string;
      readonly eventId: string;
      /** In this field, because the mapping of an index of an earlier release has no other that is free. */
      readonly numbers?: { readonly parkedVersion: string };
    };

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
 * Settings and mappings of a build's index. One shard, so that a search sees all partitions' documents at one moment. Refresh
 * is off until the build takes over, so that a fill need not refresh.
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

/** The table and index declaration of a build with an index. */
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

/** The maximum length of an id in bytes. */
const maxIdBytes = 512;
/** Values up to this number of characters are stored in a keyword unchanged; longer ones as a hash. */
const maxPlain = 200;

/**
 * The id of a row's document, from the text of its key: for a key of one column its value, otherwise the key text; a hash if
 * that is no valid id, or could be another row's.
 */
export function rowId({ primaryKey }: Table, text: string): string {
  const value = (primaryKey.length === 1 ? text.slice(text.indexOf(":") + 1) : text).toWellFormed();
  const isPlain = value !== "" && !/^[#~]/.test(value) && Buffer.byteLength(value) <= maxIdBytes;
  return isPlain ? value : `#${hash(value)}`;
}

export const checkpointId = (partition: number): string => `~checkpoint-${partition}`;

/** A partition key in the form by which the documents of its rows are found. */
export function keywordOf(value: unknown): string {
  const text = (value instanceof Date ? value.toISOString() : String(value)).toWellFormed();
  return text.length <= maxPlain ? text : `#${hash(text)}`;
}

/** A column of the primary key with its value. */
export const columnKeyword = (column: string, value: unknown): string => `${column}=${keywordOf(value)}`;

const hash = (text: string) => createHash("sha256").update(text).digest("hex");

/**
 * The document of an existing row, as a function of the position up to which it has seen its events. What is searched is made of the row as it
 * is stored. Throws RefusedContents.
 */
export function rowDocument(build: Build, row: Row, numbers: RowNumbers): (position: bigint) => object {
  const { table, index } = declared(build);
  const stored = storedRow(table, row);
  const partitionKey = String(row[partitionColumn(table)]);
  const document = documentOf(index, rowOf(table, stored), numbers);
  const { asOf, ...known } = numbers;
  return (position) => {
    const engine: EngineField = {
      kind: "row",
      partition: partitionOf(partitionKey, build.partitions),
      key: keywordOf(partitionKey),
      columns: table.primaryKey.map((column) => columnKeyword(column, row[column])),
      position: String(position),
      row: stored,
      numbers: { ...known, asOf: asOf.toISOString() },
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

/** The document of a deleted row: an index forgets the versions of deleted documents (rule 21). */
export function goneDocument(build: Build, key: Row, position: bigint): object {
  const partitionKey = String(key[partitionColumn(declared(build).table)]);
  const engine: EngineField = {
    kind: "gone",
    partition: partitionOf(partitionKey, build.partitions),
    key: keywordOf(partitionKey),
    position: String(position),
  };
  return { engine };
}
