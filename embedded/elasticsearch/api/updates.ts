import { type Answer, checkParameters, type Exchange, flag, requiredJson, whole } from "../http/exchange.ts";
import type { Condition } from "../index/engine.ts";
import { type Cluster, writeIndex } from "../indices/cluster.ts";
import type { Index } from "../indices/index.ts";
import { Failure, illegalArgument, noSuchIndex, validationFailed } from "../json/failure.ts";
import type { Entry, Node, ObjectNode } from "../json/node.ts";
import { BrokenJson, brokenJson, parseJson } from "../json/parse.ts";
import { booleanValue, readObject } from "../json/reader.ts";
import { Source } from "../json/source.ts";
import { nodeJson } from "../json/write.ts";
import { conditionOf, indexDocument, refreshPolicy, writtenJson } from "./documentWrites.ts";

type Update = {
  doc: ObjectNode | undefined;
  upsert: ObjectNode | undefined;
  docAsUpsert: boolean;
  detectNoop: boolean;
};

const parameters =
  "_source _source_includes _source_excludes lang refresh routing timeout wait_for_active_shards retry_on_conflict if_seq_no if_primary_term require_alias".split(
    " ",
  );

/** POST /{index}/_update/{id}: changes a part of a document. */
export function update(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, parameters);
  const { index: name = "", id = "" } = exchange.at;
  const refresh = refreshPolicy(exchange.query.get("refresh"));
  const { root, source } = requiredJson(exchange);
  const change = parseUpdate(root, source);
  const complaints: string[] = [];
  const versions = { version: undefined, versionType: undefined };
  const [ifSeqNo, ifPrimaryTerm] = [whole(exchange, "if_seq_no", "long"), whole(exchange, "if_primary_term", "long")];
  const condition = conditionOf({ ...versions, ifSeqNo, ifPrimaryTerm, create: false }, (one) => complaints.push(one));
  if (change.doc === undefined && change.upsert === undefined) complaints.push("script or doc is missing");
  if (complaints.length > 0) throw validationFailed(...complaints);
  const index = updatedIndex(cluster, name, flag(exchange, "require_alias", false));
  const { status, json } = updateDocument(index, id, change, condition, refresh === "forced");
  if (refresh !== "none") index.engine.shard.refresh();
  return { status, body: json };
}

/** The index of an update, which makes none. */
export function updatedIndex(cluster: Cluster, name: string, requireAlias: boolean): Index {
  const index = writeIndex(cluster, name, requireAlias);
  if (index === undefined) throw noSuchIndex(name);
  return index;
}

/** The document line of an update in a bulk. */
export function parseUpdateLine(line: string): Update {
  const source = new Source(line);
  try {
    return parseUpdate(parseJson(source, false), source);
  } catch (error) {
    throw error instanceof BrokenJson ? brokenJson(error) : error;
  }
}

function parseUpdate(root: Node, source: Source): Update {
  const change: Update = { doc: undefined, upsert: undefined, docAsUpsert: false, detectNoop: true };
  if (root.kind !== "object") throw new Failure("parsing_exception", "Failed to parse update request");
  readObject(
    source,
    "UpdateRequest",
    root,
    {
      doc: (value) => {
        change.doc = value as ObjectNode;
      },
      upsert: (value) => {
        change.upsert = value as ObjectNode;
      },
      doc_as_upsert: (value) => {
        change.docAsUpsert = booleanValue(value);
      },
      detect_noop: (value) => {
        change.detectNoop = booleanValue(value);
      },
      script: () => {
        throw illegalArgument("script_lang not supported [painless]");
      },
      scripted_upsert: () => {},
      _source: () => {},
      if_seq_no: () => {},
      if_primary_term: () => {},
    },
    { doc: ["object"], upsert: ["object"] },
  );
  return change;
}

/** Merges the change into the document, or adds it where it may. What changes nothing writes nothing. */
export function updateDocument(
  index: Index,
  id: string,
  change: Update,
  condition: Condition,
  isForced: boolean,
): { status: number; json: Record<string, unknown> } {
  const current = index.engine.get(id);
  if (current?.document === undefined) {
    const added = change.upsert ?? (change.docAsUpsert ? change.doc : undefined);
    if (added === undefined) throw missing(index, id);
    const written = indexDocument(index, id, nodeJson(added), { create: true });
    return { status: 201, json: writtenJson(index, id, written, isForced) };
  }
  index.engine.check(id, condition);
  const old = parseJson(new Source(current.document.source), false) as ObjectNode;
  const merged = change.doc === undefined ? old : merge(old, change.doc);
  if (change.detectNoop && nodeJson(merged) === nodeJson(old)) {
    const { version, seqNo } = current;
    const noop = writtenJson(index, id, { version, seqNo, result: "updated" }, false);
    return { status: 200, json: { ...noop, result: "noop", _shards: { total: 0, successful: 0, failed: 0 } } };
  }
  const written = indexDocument(index, id, nodeJson(merged), condition);
  return { status: 200, json: writtenJson(index, id, written, isForced) };
}

function missing({ name, uuid }: Index, id: string): Failure {
  const meta = { index_uuid: uuid, shard: "0", index: name };
  return new Failure("document_missing_exception", `[${id}]: document missing`, { status: 404, meta });
}

/** Objects are merged, everything else is replaced. */
function merge(old: ObjectNode, added: ObjectNode): ObjectNode {
  const entries = new Map<string, Entry>(old.entries.map((entry) => [entry.key, entry]));
  for (const entry of added.entries) {
    const known = entries.get(entry.key)?.value;
    const value = known?.kind === "object" && entry.value.kind === "object" ? merge(known, entry.value) : entry.value;
    entries.set(entry.key, { ...entry, value });
  }
  return { ...old, entries: [...entries.values()] };
}
