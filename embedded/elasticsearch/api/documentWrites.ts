import { configuredAnalysis } from "../analysis/configured.ts";
import type { Document } from "../documents/document.ts";
import { parseDocument } from "../documents/parse.ts";
import type { Condition, VersionType, Written } from "../index/engine.ts";
import { type Cluster, checkWritable, writeIndex } from "../indices/cluster.ts";
import type { Index } from "../indices/index.ts";
import { createIndex } from "../indices/index.ts";
import { emptyMapping, type Field, type ObjectField } from "../indices/mapping.ts";
import { checkIndexName } from "../indices/names.ts";
import { Failure, illegalArgument, noSuchIndex } from "../json/failure.ts";
import { copies } from "./indices.ts";

/** The target of a document, and the condition of the write. */
export type WriteTarget = {
  readonly index: string;
  readonly id: string;
  readonly requireAlias: boolean;
  readonly condition: Condition;
};

/** The index for a write; one that does not exist is created, as in Elasticsearch by default. */
export function indexForWrite(cluster: Cluster, name: string, requireAlias: boolean): Index {
  const known = writeIndex(cluster, name, requireAlias);
  if (known !== undefined) return known;
  checkIndexName(name);
  const index = createIndex(name, {}, emptyMapping, configuredAnalysis({}), cluster.now);
  cluster.indices.set(name, index);
  return index;
}

/** Parses and writes a document, together with its additions to the mapping. */
export function indexDocument(index: Index, id: string, source: string, condition: Condition): Written {
  checkWritable(index);
  if (id === "") throw illegalArgument("if _id is specified it must not be empty");
  const { document, mapping } = readDocument(index, id, source);
  const written = index.engine.index(document, condition);
  if (mapping !== index.mapping) index.setMapping(mapping);
  return written;
}

function readDocument(index: Index, id: string, source: string): { document: Document; mapping: ObjectField } {
  let { mapping } = index;
  const dynamics = {
    rule: mapping.dynamic ?? ("true" as const),
    add(path: string, property: Field | ObjectField) {
      mapping = withProperty(mapping, path.split("."), property);
    },
  };
  // Added fields take effect in the next pass, and a later field may be part of one.
  for (;;) {
    const before = mapping;
    const document = parseDocument(id, source, before, index, dynamics);
    if (mapping === before) return { document, mapping };
  }
}

function withProperty(
  parent: ObjectField,
  [name = "", ...rest]: readonly string[],
  property: Field | ObjectField,
): ObjectField {
  const properties = new Map(parent.properties);
  const known = properties.get(name);
  if (rest.length === 0) {
    if (known === undefined) properties.set(name, property);
  } else if (known?.kind === "object") properties.set(name, withProperty(known, rest, property));
  return { ...parent, properties };
}

export function deleteDocument(
  cluster: Cluster,
  { index: name, id, requireAlias, condition }: WriteTarget,
): { index: Index; written: Written } {
  const index = writeIndex(cluster, name, requireAlias);
  if (index === undefined) {
    if (condition.versionType === undefined || condition.versionType === "internal") {
      if (!name.includes("*")) checkIndexName(name);
      throw noSuchIndex(name);
    }
    // A delete with an external version is remembered, so Elasticsearch creates the index for it.
    const made = indexForWrite(cluster, name, false);
    return { index: made, written: made.engine.delete(id, condition) };
  }
  checkDeletable(index);
  return { index, written: index.engine.delete(id, condition) };
}

/** At the flood stage deletes are still allowed. */
function checkDeletable(index: Index): void {
  try {
    checkWritable(index);
  } catch (error) {
    if (!(error instanceof Failure) || error.status !== 429) throw error;
  }
}

/** The answer to a write. */
export function writtenJson(
  index: Index,
  id: string,
  { version, seqNo, result }: Written,
  isForced: boolean,
): Record<string, unknown> {
  return {
    _index: index.name,
    _id: id,
    _version: version,
    result,
    ...(isForced ? { forced_refresh: true } : {}),
    _shards: { total: copies(index), successful: 1, failed: 0 },
    _seq_no: seqNo,
    _primary_term: 1,
  };
}

/** The version parameters of a write as a condition; `complain` collects their inconsistencies. */
export function conditionOf(
  given: {
    version: number | undefined;
    versionType: string | undefined;
    ifSeqNo: number | undefined;
    ifPrimaryTerm: number | undefined;
    create: boolean;
  },
  complain: (complaint: string) => void,
): Condition {
  const versionType = versionTypeOf(given.versionType ?? "internal");
  const { version, ifSeqNo, ifPrimaryTerm, create } = given;
  if (create && versionType !== "internal")
    complain("create operations only support internal versioning. use index instead");
  else if (versionType === "internal" && version !== undefined) {
    complain(
      "internal versioning can not be used for optimistic concurrency control. Please use `if_seq_no` and `if_primary_term` instead",
    );
  } else if (versionType !== "internal" && (version ?? -3) < 0) {
    complain(`illegal version value [${version ?? -3}] for version type [${versionType.toUpperCase()}]`);
  }
  complainOfSequence(given, versionType, complain);
  return {
    versionType,
    create,
    ...(version === undefined ? {} : { version }),
    ...(ifSeqNo === undefined ? {} : { ifSeqNo }),
    ...(ifPrimaryTerm === undefined ? {} : { ifPrimaryTerm }),
  };
}

/** In Elasticsearch -2 means no sequence number, and 0 no primary term. */
function complainOfSequence(
  {
    ifSeqNo = -2,
    ifPrimaryTerm = 0,
    create,
  }: { ifSeqNo?: number | undefined; ifPrimaryTerm?: number | undefined; create: boolean },
  versionType: VersionType,
  complain: (complaint: string) => void,
): void {
  const isSet = ifSeqNo !== -2;
  if (create && isSet) complain("create operations do not support compare and set. use index instead");
  else if (isSet && ifPrimaryTerm === 0) complain("ifSeqNo is set, but primary term is [0]");
  else if (!isSet && ifPrimaryTerm !== 0) complain(`ifSeqNo is unassigned, but primary term is [${ifPrimaryTerm}]`);
  if (isSet && versionType !== "internal") complain("compare and write operations can not use versioning");
}

/** `wait_for_active_shards`: a number or all. It never waits: the only shard is always active. */
export function checkActiveShards(value: string | null): void {
  if (value === null || value === "all" || /^-?\d+$/.test(value)) return;
  const causedBy = new Failure("number_format_exception", `For input string: "${value}"`);
  throw illegalArgument(`cannot parse ActiveShardCount[${value}]`, causedBy);
}

export function versionTypeOf(name: string): VersionType {
  if (name === "internal" || name === "external" || name === "external_gte") return name;
  if (name === "external_gt") return "external";
  throw illegalArgument(`No version type match [${name}]`);
}

/** Validation errors of an id; Elasticsearch allows 512 bytes. */
export function idComplaints(id: string): string[] {
  const bytes = Buffer.byteLength(id);
  return bytes > 512 ? [`id [${id}] is too long, must be no longer than 512 bytes but was: ${bytes}`] : [];
}

/** When a write becomes visible. `wait_for` refreshes at once instead of waiting. */
export function refreshPolicy(value: string | null | undefined): "none" | "forced" | "wait" {
  if (value === null || value === undefined || value === "false") return "none";
  if (value === "true" || value === "") return "forced";
  if (value === "wait_for") return "wait";
  throw illegalArgument(`Unknown value for refresh: [${value}].`);
}
