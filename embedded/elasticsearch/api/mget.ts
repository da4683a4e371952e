import { type Answer, checkParameters, type Exchange, flag, ok, requiredJson } from "../http/exchange.ts";
import { type Cluster, readIndex } from "../indices/cluster.ts";
import { causeJson, Failure, illegalArgument, rootCause, validationFailed } from "../json/failure.ts";
import { type Node, text, tokenName } from "../json/node.ts";
import { parsingException, textList } from "../json/reader.ts";
import type { Source } from "../json/source.ts";
import { type SourceFilter, wholeSource } from "../search/sourceFilter.ts";
import { checkReadVersion, foundJson, sourceOfUrl } from "./documents.ts";
import { versionTypeOf } from "./documentWrites.ts";

type Item = {
  index: string | undefined;
  id: string | undefined;
  filter: SourceFilter | undefined;
  version: number | undefined;
  versionType: string;
};
const newItem = (index: string | undefined, id?: string): Item => ({
  index,
  id,
  filter: undefined,
  version: undefined,
  versionType: "internal",
});

/** GET and POST /_mget, /{index}/_mget */
export function multiGet(cluster: Cluster, exchange: Exchange): Answer {
  const known = "refresh preference realtime routing stored_fields _source _source_includes _source_excludes".split(
    " ",
  );
  const { root, source } = requiredJson(exchange, "request body or source parameter");
  const items = parseItems(root, source, exchange.at.index);
  checkParameters(exchange, known);
  const complaints = items.flatMap(({ index, id }, at) => [
    ...(index === undefined ? [`index is missing for doc ${at}`] : []),
    ...(id === undefined ? [`id is missing for doc ${at}`] : []),
  ]);
  if (items.length === 0) complaints.push("no documents to get");
  if (complaints.length > 0) throw validationFailed(...complaints);
  const usual = sourceOfUrl(exchange) ?? wholeSource;
  const refreshes = flag(exchange, "refresh", false);
  return ok({ docs: items.map((item) => getOne(cluster, item, usual, refreshes)) });
}

function getOne(
  cluster: Cluster,
  { index: name = "", id = "", filter, version, versionType }: Item,
  usual: SourceFilter,
  refreshes: boolean,
): Record<string, unknown> {
  try {
    const index = readIndex(cluster, name);
    if (refreshes) index.engine.shard.refresh();
    const current = index.engine.get(id);
    if (current?.document === undefined) return { _index: index.name, _id: id, found: false };
    checkReadVersion(index, id, current.version, version, versionType);
    return foundJson(index.name, id, { ...current, source: current.document.source }, filter ?? usual);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { type, reason, meta } = rootCause(error);
    return { _index: name, _id: id, error: { root_cause: [{ type, reason, ...meta }], ...causeJson(error) } };
  }
}

function parseItems(root: Node, source: Source, usualIndex: string | undefined): Item[] {
  if (root.kind !== "object") {
    throw parsingException(source, root.start, `unexpected token [${tokenName(root)}], expected [START_OBJECT]`);
  }
  return root.entries.flatMap(({ key, value }) => {
    if (value.kind !== "array") {
      throw parsingException(
        source,
        value.start,
        `unexpected token [${tokenName(value)}], expected [FIELD_NAME] or [START_ARRAY]`,
      );
    }
    if (key === "ids") return value.items.map((item) => newItem(usualIndex, idOf(item)));
    if (key !== "docs") {
      throw parsingException(source, value.start, `unknown key [${key}] for a START_ARRAY, expected [docs] or [ids]`);
    }
    return value.items.map((item) => parseItem(item, usualIndex));
  });
}

function idOf(node: Node): string {
  const id = node.kind === "object" || node.kind === "array" ? null : text(node);
  if (id === null) throw illegalArgument("ids array element should only contain ids");
  return id;
}

function parseItem(node: Node, usualIndex: string | undefined): Item {
  if (node.kind !== "object")
    throw new Failure("illegal_argument_exception", "docs array element should include an object");
  const item = newItem(usualIndex);
  for (const { key, value } of node.entries) {
    if (key === "_index") item.index = text(value) ?? undefined;
    else if (key === "_id") item.id = text(value) ?? undefined;
    else if (key === "_source") item.filter = filterOf(value);
    else if (key === "version") item.version = Number(text(value));
    else if (key === "version_type") item.versionType = versionTypeOf(text(value) ?? "");
    else if (key === "stored_fields") item.filter ??= { ...wholeSource, enabled: false };
    else if (key !== "routing") {
      throw new Failure("parse_exception", `failed to parse multi get request. unknown field [${key}]`);
    }
  }
  return item;
}

function filterOf(value: Node): SourceFilter {
  if (value.kind === "boolean") return { ...wholeSource, enabled: value.value };
  if (value.kind !== "object") return { ...wholeSource, includes: textList(value) };
  const lists = Object.fromEntries(
    value.entries.map(({ key, value: list }) => [key.replace(/s$/, ""), textList(list)]),
  );
  return { enabled: true, includes: lists.include ?? [], excludes: lists.exclude ?? [] };
}
