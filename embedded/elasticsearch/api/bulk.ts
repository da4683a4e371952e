import { type Answer, checkParameters, type Exchange, flag, ok } from "../http/exchange.ts";
import type { Condition } from "../index/engine.ts";
import type { Cluster } from "../indices/cluster.ts";
import type { Index } from "../indices/index.ts";
import { causeJson, Failure, illegalArgument, validationFailed } from "../json/failure.ts";
import { type BulkAction, parseBulk } from "./bulkLines.ts";
import { newId } from "./documents.ts";
import {
  conditionOf,
  deleteDocument,
  idComplaints,
  indexDocument,
  indexForWrite,
  refreshPolicy,
  writtenJson,
} from "./documentWrites.ts";
import { parseUpdateLine, type Update, updateDocument } from "./updates.ts";

const parameters =
  "wait_for_active_shards refresh routing timeout type _source _source_includes _source_excludes pipeline require_alias require_data_stream list_executed_pipelines include_source_on_error".split(
    " ",
  );

/** POST and PUT /_bulk, /{index}/_bulk: each action separately; a failure is the result of its action. */
export function bulk(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, parameters);
  if (exchange.body === "") throw new Failure("parse_exception", "request body is required");
  const refresh = refreshPolicy(exchange.query.get("refresh"));
  const requiresAlias = flag(exchange, "require_alias", false);
  const began = cluster.now();
  const pipeline = exchange.query.get("pipeline") ?? "_none";
  const actions = parseBulk(exchange.body).map(
    (action): Action => ({
      ...action,
      index: action.index ?? exchange.at.index,
      change: action.kind === "update" ? parseUpdateLine(action.document) : undefined,
    }),
  );
  const conditions = validated(actions);
  const touched = new Set<Index>();
  const items = actions.map((action, at) => {
    const { index, ...item } = one(cluster, action, conditions[at]!, { requiresAlias, pipeline }, refresh === "forced");
    if (index !== undefined) touched.add(index);
    return { [action.kind]: item.json };
  });
  if (refresh !== "none") for (const index of touched) index.engine.shard.refresh();
  const errors = items.some((item) => Object.values(item).some((json) => "error" in json));
  const ingested = pipeline === "_none" ? {} : { ingest_took: 0 };
  return ok({ errors, took: cluster.now() - began, ...ingested, items });
}

type Action = BulkAction & { readonly index: string | undefined; readonly change: Update | undefined };

/** An error found before any action is executed fails them all. */
function validated(actions: readonly Action[]): Condition[] {
  const complaints: string[] = [];
  if (actions.length === 0) complaints.push("no requests added");
  const conditions = actions.map(({ kind, index, id, version, versionType, ifSeqNo, ifPrimaryTerm, change }) => {
    if (index === undefined) complaints.push("index is missing");
    if ((kind === "delete" || kind === "update") && (id === undefined || id === "")) complaints.push("id is missing");
    complaints.push(...idComplaints(id ?? ""));
    if (change !== undefined && change.doc === undefined) complaints.push("script or doc is missing");
    const create = kind === "create" || (kind === "index" && id === undefined);
    return conditionOf({ version, versionType, ifSeqNo, ifPrimaryTerm, create }, (complaint) =>
      complaints.push(complaint),
    );
  });
  if (complaints.length > 0) throw validationFailed(...complaints);
  return conditions;
}

type Item = { readonly index: Index | undefined; readonly json: Record<string, unknown> };

function one(
  cluster: Cluster,
  action: Action,
  condition: Condition,
  { requiresAlias, pipeline }: { readonly requiresAlias: boolean; readonly pipeline: string },
  isForced: boolean,
): Item {
  const { kind, index: name = "", requireAlias = requiresAlias, document, change } = action;
  const id = action.id ?? newId();
  let index: Index | undefined;
  try {
    if (kind === "delete") {
      // Elasticsearch requires an alias of a delete only if the action line itself says so.
      const isAsked = action.requireAlias === true;
      const done = deleteDocument(cluster, { index: name, id, requireAlias: isAsked, condition });
      const status = done.written.result === "deleted" ? 200 : 404;
      return { index: done.index, json: { ...writtenJson(done.index, id, done.written, isForced), status } };
    }
    if (change !== undefined) {
      index = indexForWrite(cluster, name, requireAlias);
      const done = updateDocument(index, id, change, condition, isForced);
      return { index, json: { ...done.json, status: done.status } };
    }
    if (pipeline !== "_none") throw illegalArgument(`pipeline with id [${pipeline}] does not exist`);
    index = indexForWrite(cluster, name, requireAlias);
    const written = indexDocument(index, id, document, condition);
    return {
      index,
      json: { ...writtenJson(index, id, written, isForced), status: written.result === "created" ? 201 : 200 },
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return {
      index: undefined,
      json: { _index: index?.name ?? concrete(cluster, name), _id: id, status: error.status, error: causeJson(error) },
    };
  }
}

/** The index behind an alias, as far as it is known when an action fails. */
function concrete(cluster: Cluster, name: string): string {
  const through = [...cluster.indices.values()].filter(({ aliases }) => aliases.has(name));
  return through.length === 1 ? through[0]!.name : name;
}
