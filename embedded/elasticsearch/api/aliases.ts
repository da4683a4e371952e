import { type Answer, checkParameters, type Exchange, json, ok, requiredJson } from "../http/exchange.ts";
import { byName, type Cluster, resolve } from "../indices/cluster.ts";
import type { Index } from "../indices/index.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { glob } from "../json/filterPath.ts";
import { type Node, type ObjectNode, text, tokenName } from "../json/node.ts";
import { type FieldReader, lastToken, readObject, textList, xContentException } from "../json/reader.ts";
import type { Source } from "../json/source.ts";
import { aliasesJson, aliasFrom } from "./aliasJson.ts";
import { checkNewAlias, leniency, leniencyParameters, timeouts } from "./indices.ts";

type Action = {
  readonly type: "add" | "remove" | "remove_index";
  readonly indices: readonly string[];
  readonly aliases: readonly string[];
  readonly node: ObjectNode;
};
type Done = { readonly action: Action; readonly indices: readonly Index[]; readonly missing: boolean };

/** POST /_aliases: all of the actions or none. */
export function update(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, timeouts);
  const { root, source } = requiredJson(exchange);
  const actions = parseActions(root, source);
  if (actions.length === 0) throw illegalArgument("No action specified");
  const resolved = actions.map((action): Done => {
    const indices = action.indices.flatMap((name) => resolve(cluster, name, { aliases: false, allowNoIndices: false }));
    if (action.type === "add")
      for (const alias of action.aliases) for (const { name } of indices) checkNewAlias(cluster, alias, name);
    return {
      action,
      indices,
      missing: action.type === "remove" && !indices.some((index) => matches(index, action.aliases).length > 0),
    };
  });
  const failed = resolved.filter(({ missing }) => missing);
  if (failed.length === resolved.length) throw missingAliases(failed.flatMap(({ action }) => action.aliases));
  for (const done of resolved) if (!done.missing) apply(cluster, done);
  if (failed.length === 0) return ok({ acknowledged: true, errors: false });
  return ok({ acknowledged: true, errors: true, action_results: resolved.map(resultJson) });
}

const matches = ({ aliases }: Index, patterns: readonly string[]) =>
  [...aliases.keys()].filter((name) => patterns.some((pattern) => glob(pattern, name)));

function apply(cluster: Cluster, { action, indices }: Done): void {
  for (const index of indices) {
    if (action.type === "remove_index") cluster.indices.delete(index.name);
    else if (action.type === "remove") for (const alias of matches(index, action.aliases)) index.aliases.delete(alias);
    else
      for (const alias of action.aliases)
        index.aliases.set(alias, aliasFrom(alias, action.node, { passOver: ["index", "indices", "alias", "aliases"] }));
  }
}

function missingAliases(names: readonly string[]): Failure {
  const [id] = names;
  return new Failure("aliases_not_found_exception", `aliases [${names.join(",")}] missing`, {
    status: 404,
    meta: { "resource.type": "aliases", "resource.id": names.length === 1 ? id : names },
  });
}

function resultJson({ action: { type, aliases }, indices, missing }: Done): Record<string, unknown> {
  const action = {
    type: type === "remove_index" ? "remove_index" : type,
    indices: indices.map(({ name }) => name),
    aliases,
  };
  if (!missing) return { action, status: 200 };
  const { type: errorType, reason, meta } = missingAliases(aliases);
  return { action, status: 404, error: { type: errorType, reason, ...meta } };
}

function parseActions(root: Node, source: Source): Action[] {
  const actions: Action[] = [];
  if (root.kind !== "object") throw xContentException(source, root.start, "Expected START_OBJECT but was: START_ARRAY");
  readObject(
    source,
    "aliases",
    root,
    {
      actions: (value) => {
        if (value.kind === "object" && value.entries.length === 0) throw nullAction(value);
        const items = value.kind === "array" ? value.items : [value];
        for (const [at, item] of items.entries()) {
          if (item.kind !== "object") throw noAction(source, items[at + 1], value.end - 1);
          actions.push(parseAction(item, source));
        }
        checkComplete(actions, value.end - 1);
      },
    },
    { actions: ["array", "object"] },
  );
  return actions;
}

/** Elasticsearch reads the token after an unknown action. */
function noAction(source: Source, next: Node | undefined, end: number): Failure {
  const [at, token] = next === undefined ? [end, "END_ARRAY"] : [next.start, tokenName(next)];
  return xContentException(source, at, `[alias_action] Expected START_OBJECT but was: ${token}`);
}

function nullAction(node: ObjectNode): Failure {
  const actions = "org.elasticsearch.action.admin.indices.alias.IndicesAliasesRequest$AliasActions";
  const reason = `Cannot invoke "${actions}.validate()" because "aliasAction" is null`;
  return at(new Failure("null_pointer_exception", reason), node.end - 1);
}

function parseAction(node: ObjectNode, source: Source): Action {
  let action: Action | undefined;
  let isTwice = false;
  const one =
    (type: Action["type"]): FieldReader =>
    (value) => {
      const next = parseBody(type, value, source);
      isTwice = action !== undefined;
      action = next;
    };
  readObject(source, "alias_action", node, {
    add: one("add"),
    remove: one("remove"),
    remove_index: one("remove_index"),
  });
  const made = action as Action | undefined;
  if (isTwice as boolean) {
    const causedBy = illegalArgument("Too many operations declared on operation entry");
    const reason = "Failed to build [alias_action] after last required field arrived";
    throw at(new Failure("x_content_parse_exception", reason, { causedBy }), lastToken(node));
  }
  if (made === undefined) throw at(illegalArgument("[alias_action] must have one action"), lastToken(node));
  return made;
}

/** Checked after all actions are read. */
function checkComplete(actions: readonly Action[], end: number): void {
  for (const { type, indices, aliases } of actions) {
    if (indices.length === 0) throw at(illegalArgument("One of [index] or [indices] is required"), end);
    if (type !== "remove_index" && aliases.length === 0) {
      throw at(illegalArgument("One of [alias] or [aliases] is required"), end);
    }
  }
}

function at(failure: Failure, offset: number): Failure {
  failure.at = offset;
  return failure;
}

function parseBody(type: Action["type"], node: Node, source: Source): Action {
  const draft = { type, indices: [] as string[], aliases: [] as string[], node: node as ObjectNode };
  const fields: Record<string, FieldReader> = {
    index: (value) => void draft.indices.push(named("index", value)),
    indices: (value) => void draft.indices.push(...textList(value)),
  };
  if (type === "remove") fields.must_exist = () => {};
  if (type !== "remove_index") {
    fields.alias = (value) => void draft.aliases.push(named("alias", value));
    fields.aliases = (value) => void draft.aliases.push(...textList(value));
  }
  if (type === "add")
    for (const name of ["filter", "is_write_index", "is_hidden", "routing", "index_routing", "search_routing"])
      fields[name] = () => {};
  if (node.kind === "object") readObject(source, type, node, fields, { filter: ["object"] });
  return draft;
}

function named(what: string, value: Node): string {
  const name = text(value) ?? "";
  if (name === "") throw illegalArgument(`[${what}] can't be empty string`);
  return name;
}

/** PUT /{index}/_alias/{name} */
export function put(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, timeouts);
  const { index = "", name = "" } = exchange.at;
  const parsed = json(exchange);
  if (name === "") throw illegalArgument("[alias] can't be empty string");
  const alias = aliasFrom(name, parsed?.root, { unknown: (key) => `Unsupported field [${key}]` });
  const indices = resolve(cluster, index, { aliases: false, allowNoIndices: false });
  for (const one of indices) checkNewAlias(cluster, name, one.name);
  for (const one of indices) one.aliases.set(name, alias);
  return ok({ acknowledged: true, errors: false });
}

/** DELETE /{index}/_alias/{name} */
export function remove(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, timeouts);
  const { index = "", name = "" } = exchange.at;
  const indices = resolve(cluster, index, { aliases: false, allowNoIndices: false });
  const names = name.split(",").map((one) => (one === "_all" ? "*" : one));
  if (!indices.some((one) => matches(one, names).length > 0)) throw missingAliases(name.split(","));
  for (const one of indices) for (const alias of matches(one, names)) one.aliases.delete(alias);
  return ok({ acknowledged: true, errors: false });
}

/** GET /_alias, /_alias/{name}, /{index}/_alias and /{index}/_alias/{name} */
export function get(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, [...leniencyParameters, ...timeouts, "local"]);
  const { index = "", name } = exchange.at;
  const indices = resolve(cluster, index, leniency(exchange)).toSorted(byName);
  if (name === undefined || name === "_all" || name === "*") {
    const listed = name === undefined ? indices : indices.filter(({ aliases }) => aliases.size > 0);
    return ok(Object.fromEntries(listed.map((one) => [one.name, { aliases: aliasesJson(one) }])));
  }
  const names = name.split(",");
  const found = indices.filter((one) => matches(one, names).length > 0);
  const body = Object.fromEntries(
    found.map((one) => [
      one.name,
      { aliases: aliasesJson(one, (alias) => names.some((pattern) => glob(pattern, alias))) },
    ]),
  );
  const missing = names
    .filter((one) => !one.includes("*") && !indices.some(({ aliases }) => aliases.has(one)))
    .toSorted();
  if (missing.length === 0) return ok(body);
  const what = missing.length === 1 ? `alias [${missing[0]}] missing` : `aliases [${missing.join(",")}] missing`;
  return ok({ error: what, status: 404, ...body }, 404);
}
