import { type Answer, checkParameters, type Exchange, flag, json, whole } from "../http/exchange.ts";
import type { Condition } from "../index/engine.ts";
import type { Cluster } from "../indices/cluster.ts";
import type { Index } from "../indices/index.ts";
import { Failure, illegalArgument, validationFailed } from "../json/failure.ts";
import type { Entry, Node, ObjectNode } from "../json/node.ts";
import { BrokenJson, brokenJson, parseJson } from "../json/parse.ts";
import { booleanValue, readObject } from "../json/reader.ts";
import { Source } from "../json/source.ts";
import { nodeJson } from "../json/write.ts";
import type { SourceFilter } from "../search/sourceFilter.ts";
import { foundJson, sourceOfUrl } from "./documents.ts";
import { conditionOf, indexDocument, indexForWrite, refreshPolicy, writtenJson } from "./documentWrites.ts";

/** The request to update a document. */
export type Update = {
  doc: ObjectNode | undefined;
  upsert: ObjectNode | undefined;
  docAsUpsert: boolean;
  detectNoop: boolean;
};

const parameters =
  "version version_type _source _source_includes _source_excludes lang refresh routing timeout wait_for_active_shards retry_on_conflict if_seq_no if_primary_term require_alias".split(
    " ",
  );

/** POST /{index}/_update/{id}: changes a part of a document. */
export function update(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, parameters);
  const { index: name = "", id = "" } = exchange.at;
  const refresh = refreshPolicy(exchange.query.get("refresh"));
  const parsed = json(exchange);
  const change = parsed === undefined ? newUpdate() : parseUpdate(parsed.root, parsed.source);
  const complaints: string[] = [];
  const [version, versionType] = [whole(exchange, "version", "long"), exchange.query.get("version_type") ?? undefined];
  const versions = { version, versionType };
  const [ifSeqNo, ifPrimaryTerm] = [whole(exchange, "if_seq_no", "long"), whole(exchange, "if_primary_term", "long")];
  const condition = conditionOf({ ...versions, ifSeqNo, ifPrimaryTerm, create: false }, (one) => complaints.push(one));
  if (change.doc === undefined) complaints.push("script or doc is missing");
  if (complaints.length > 0) throw validationFailed(...complaints);
  const index = indexForWrite(cluster, name, flag(exchange, "require_alias", false));
  const done = updateDocument(index, id, change, condition, refresh === "forced");
  if (refresh !== "none") index.engine.shard.refresh();
  const shown = sourceOfUrl(exchange);
  return {
    status: done.status,
    body: shown === undefined ? done.json : { ...done.json, get: gotten(index, id, shown) },
  };
}

/** Returns the updated document, for requests that select its source. */
function gotten(index: Index, id: string, shown: SourceFilter): Record<string, unknown> {
  const current = index.engine.get(id)!;
  const { _index, _id, _version, ...json } = foundJson(
    index.name,
    id,
    { ...current, source: current.document!.source },
    shown,
  );
  return json;
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

const newUpdate = (): Update => ({ doc: undefined, upsert: undefined, docAsUpsert: false, detectNoop: true });

function parseUpdate(root: Node, source: Source): Update {
  const change = newUpdate();
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

/** Merges the change into the document, or inserts it (upsert). A change without effect writes nothing. */
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
