import { type Answer, checkParameters, type Exchange, flag, ok } from "../http/exchange.ts";
import type { Condition } from "../index/engine.ts";
import type { Cluster } from "../indices/cluster.ts";
import type { Index } from "../indices/index.ts";
import { causeJson, Failure, validationFailed } from "../json/failure.ts";
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
import { parseUpdateLine, updateDocument, updatedIndex } from "./updates.ts";

const parameters =
  "wait_for_active_shards refresh routing timeout type _source _source_includes _source_excludes pipeline require_alias require_data_stream list_executed_pipelines include_source_on_error".split(
    " ",
  );

/** POST and PUT /_bulk, /{index}/_bulk: each action by itself; what fails is told in its place. */
export function bulk(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, parameters);
  if (exchange.body === "") throw new Failure("parse_exception", "request body is required");
  const refresh = refreshPolicy(exchange.query.get("refresh"));
  const requiresAlias = flag(exchange, "require_alias", false);
  const began = cluster.now();
  const actions = parseBulk(exchange.body).map((action) => ({ ...action, index: action.index ?? exchange.at.index }));
  const conditions = validated(actions);
  const touched = new Set<Index>();
  const items = actions.map((action, at) => {
    const { index, ...item } = one(cluster, action, conditions[at]!, requiresAlias, refresh === "forced");
    if (index !== undefined) touched.add(index);
    return { [action.kind]: item.json };
  });
  if (refresh !== "none") for (const index of touched) index.engine.shard.refresh();
  const errors = items.some((item) => Object.values(item).some((json) => "error" in json));
  return ok({ errors, took: cluster.now() - began, items });
}

/** What is wrong with actions before any is carried out fails them all. */
function validated(actions: readonly (BulkAction & { index: string | undefined })[]): Condition[] {
  const complaints: string[] = [];
  if (actions.length === 0) complaints.push("no requests added");
  const conditions = actions.map(({ kind, index, id, version, versionType, ifSeqNo, ifPrimaryTerm }) => {
    if (index === undefined) complaints.push("index is missing");
    if ((kind === "delete" || kind === "update") && (id === undefined || id === "")) complaints.push("id is missing");
    complaints.push(...idComplaints(id ?? ""));
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
  action: BulkAction,
  condition: Condition,
  requiresAlias: boolean,
  isForced: boolean,
): Item {
  const { kind, index: name = "", requireAlias = requiresAlias, document } = action;
  const id = action.id ?? newId();
  let index: Index | undefined;
  try {
    if (kind === "delete") {
      const done = deleteDocument(cluster, { index: name, id, requireAlias, condition });
      const status = done.written.result === "deleted" ? 200 : 404;
      return { index: done.index, json: { ...writtenJson(done.index, id, done.written, isForced), status } };
    }
    if (kind === "update") {
      index = updatedIndex(cluster, name, requireAlias);
      const done = updateDocument(index, id, parseUpdateLine(document), condition, isForced);
      return { index, json: { ...done.json, status: done.status } };
    }
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
