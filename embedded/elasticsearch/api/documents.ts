import { randomBytes } from "node:crypto";
import {
  type Answer,
  bodyText,
  checkParameters,
  type Exchange,
  flag,
  list,
  ok,
  time,
  whole,
} from "../http/exchange.ts";
import type { Snapshot } from "../index/snapshot.ts";
import { type Cluster, checkReadable, readIndex } from "../indices/cluster.ts";
import type { Index } from "../indices/index.ts";
import { Failure, illegalArgument, validationFailed } from "../json/failure.ts";
import { filteredSource, type SourceFilter, wholeSource } from "../search/sourceFilter.ts";
import {
  checkActiveShards,
  conditionOf,
  deleteDocument,
  idComplaints,
  indexDocument,
  indexForWrite,
  refreshPolicy,
  versionTypeOf,
  writtenJson,
} from "./documentWrites.ts";

const writeParameters =
  "routing timeout refresh version version_type if_seq_no if_primary_term wait_for_active_shards".split(" ");
const indexParameters = [
  ...writeParameters,
  "pipeline",
  "op_type",
  "require_alias",
  "require_data_stream",
  "include_source_on_error",
];

/** 20 characters, as Elasticsearch generates ids. */
export const newId = () => randomBytes(15).toString("base64url");

/** PUT and POST /{index}/_doc/{id}, /{index}/_create/{id}, POST /{index}/_doc */
export function write(cluster: Cluster, exchange: Exchange, isCreate: boolean): Answer {
  checkParameters(exchange, indexParameters);
  const { index: name = "", id: given } = exchange.at;
  const { query } = exchange;
  const opType = query.get("op_type");
  if (opType !== null && opType !== "create" && opType !== "index") {
    throw illegalArgument(`opType must be 'create' or 'index', found: [${opType}]`);
  }
  const source = bodyText(exchange);
  if (source === "") throw new Failure("parse_exception", "request body is required");
  time(exchange, "timeout");
  const refresh = refreshPolicy(query.get("refresh"));
  checkActiveShards(query.get("wait_for_active_shards"));
  const complaints = idComplaints(given ?? "");
  const condition = conditionOf(
    { ...versions(exchange), create: isCreate || opType === "create" || given === undefined },
    (one) => complaints.push(one),
  );
  if (complaints.length > 0) throw validationFailed(...complaints);
  const pipeline = query.get("pipeline");
  if (pipeline !== null && pipeline !== "_none") throw illegalArgument(`pipeline with id [${pipeline}] does not exist`);
  const id = given ?? newId();
  const index = indexForWrite(cluster, name, flag(exchange, "require_alias", false));
  const written = indexDocument(index, id, source, condition);
  if (refresh !== "none") index.engine.shard.refresh();
  const created = written.result === "created";
  const headers = created ? { location: `/${encodeURIComponent(index.name)}/_doc/${encodeURIComponent(id)}` } : {};
  return { status: created ? 201 : 200, headers, body: writtenJson(index, id, written, refresh === "forced") };
}

function versions(exchange: Exchange) {
  return {
    version: whole(exchange, "version", "long"),
    versionType: exchange.query.get("version_type") ?? undefined,
    ifSeqNo: whole(exchange, "if_seq_no", "long"),
    ifPrimaryTerm: whole(exchange, "if_primary_term", "long"),
  };
}

/** DELETE /{index}/_doc/{id} */
export function remove(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, writeParameters);
  const { index: name = "", id = "" } = exchange.at;
  time(exchange, "timeout");
  const refresh = refreshPolicy(exchange.query.get("refresh"));
  checkActiveShards(exchange.query.get("wait_for_active_shards"));
  const complaints: string[] = [];
  const condition = conditionOf({ ...versions(exchange), create: false }, (one) => complaints.push(one));
  if (complaints.length > 0) throw validationFailed(...complaints);
  const { index, written } = deleteDocument(cluster, { index: name, id, requireAlias: false, condition });
  if (refresh !== "none") index.engine.shard.refresh();
  return ok(writtenJson(index, id, written, refresh === "forced"), written.result === "deleted" ? 200 : 404);
}

const sourceParameters = ["_source", "_source_includes", "_source_excludes", "_source_exclude_vectors"];
const getParameters = [
  ...sourceParameters,
  "refresh",
  "routing",
  "preference",
  "realtime",
  "version",
  "version_type",
  "stored_fields",
];

/** Returns the parts of the source that the URL selects; undefined when it has no selection. */
export function sourceOfUrl(exchange: Exchange): SourceFilter | undefined {
  const asked = exchange.query.get("_source");
  const [includes, excludes] = [list(exchange, "_source_includes"), list(exchange, "_source_excludes")];
  if (asked === null && includes === undefined && excludes === undefined) return undefined;
  const isFlag = asked === "true" || asked === "false";
  const named = asked === null || isFlag ? [] : asked.split(",");
  return { enabled: asked !== "false", includes: [...named, ...(includes ?? [])], excludes: excludes ?? [] };
}

type Found = { readonly version: number; readonly seqNo: number; readonly source: string };

/** Reads a document in its current version or (`realtime=false`) in that of the last refresh. */
function find(cluster: Cluster, exchange: Exchange): { index: string; id: string; found: Found | undefined } {
  const { index: name = "", id = "" } = exchange.at;
  const index = readIndex(cluster, name);
  checkReadable(index);
  if (flag(exchange, "refresh", false)) index.engine.shard.refresh();
  const versionType = versionTypeOf(exchange.query.get("version_type") ?? "internal");
  const wanted = whole(exchange, "version", "long");
  const current = flag(exchange, "realtime", true) ? index.engine.get(id) : visible(index.snapshot(), id);
  if (current?.document === undefined) return { index: index.name, id, found: undefined };
  const { version, seqNo, document } = current;
  checkReadVersion(index, id, version, wanted, versionType);
  return { index: index.name, id, found: { version, seqNo, source: document.source } };
}

/** Throws when a document does not have the version that a read requires. */
export function checkReadVersion(
  { name, uuid }: Index,
  id: string,
  version: number,
  wanted: number | undefined,
  versionType: string,
): void {
  const fits =
    versionType === "external_gte" ? version <= (wanted ?? version) : wanted === undefined || wanted === version;
  if (fits) return;
  throw new Failure(
    "version_conflict_engine_exception",
    `[${id}]: version conflict, current version [${version}] is different than the one provided [${wanted}]`,
    { status: 409, meta: { index_uuid: uuid, shard: "0", index: name } },
  );
}

function visible(snapshot: Snapshot, id: string) {
  const doc = snapshot.numberOf(id);
  return doc === undefined ? undefined : snapshot.stored(doc);
}

/** GET and HEAD /{index}/_doc/{id} */
export function get(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, getParameters);
  const { index, id, found } = find(cluster, exchange);
  if (found === undefined) return ok({ _index: index, _id: id, found: false }, 404);
  const hasStored = exchange.query.has("stored_fields");
  const filter = sourceOfUrl(exchange) ?? { ...wholeSource, enabled: !hasStored };
  return ok(foundJson(index, id, found, filter));
}

export function foundJson(
  index: string,
  id: string,
  { version, seqNo, source }: Found,
  filter: SourceFilter,
): Record<string, unknown> {
  return {
    _index: index,
    _id: id,
    _version: version,
    _seq_no: seqNo,
    _primary_term: 1,
    found: true,
    _source: filteredSource(source, filter),
  };
}

/** GET and HEAD /{index}/_source/{id}: the document alone. */
export function source(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, getParameters);
  if (sourceOfUrl(exchange)?.enabled === false) throw validationFailed("fetching source can not be disabled");
  const { index, id, found } = find(cluster, exchange);
  if (found === undefined) {
    throw new Failure("resource_not_found_exception", `Document not found [${index}]/[${id}]`, { status: 404 });
  }
  return ok(filteredSource(found.source, sourceOfUrl(exchange) ?? wholeSource));
}
