import { type Answer, checkParameters, type Exchange, ok, requiredJson } from "../http/exchange.ts";
import { byName, type Cluster, resolve } from "../indices/cluster.ts";
import { matchingPaths } from "../indices/lookup.ts";
import { mappingJson, parseMapping, propertyJson } from "../indices/mapping.ts";
import { mergeMapping } from "../indices/mergeMapping.ts";
import { plain } from "../json/node.ts";
import { leniency, leniencyParameters, refuseDefaults, timeouts } from "./indices.ts";

/** GET /{index}/_mapping */
export function get(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, [...leniencyParameters, ...timeouts, "local"]);
  const indices = resolve(cluster, exchange.at.index ?? "", leniency(exchange)).toSorted(byName);
  return ok(Object.fromEntries(indices.map(({ name, mapping }) => [name, { mappings: mappingJson(mapping) }])));
}

/** PUT /{index}/_mapping: adds fields. */
export function put(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, [...leniencyParameters, ...timeouts, "write_index_only"]);
  const { root } = requiredJson(exchange);
  const indices = resolve(cluster, exchange.at.index ?? "", leniency(exchange));
  const merged = indices.map((index) => mergeMapping(index.mapping, parseMapping(plain(root), index.analysis)));
  for (const [at, index] of indices.entries()) index.setMapping(merged[at]!);
  return ok({ acknowledged: true });
}

/** GET /{index}/_mapping/field/{fields} */
export function getFields(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, [...leniencyParameters, "include_defaults", "local"]);
  refuseDefaults(exchange);
  const patterns = (exchange.at.fields ?? "").split(",");
  const indices = resolve(cluster, exchange.at.index ?? "", leniency(exchange)).toSorted(byName);
  const json = indices.map(({ name, fields }) => {
    const paths = patterns.flatMap((pattern) => matchingPaths(fields, pattern));
    const mappings = paths.map((path) => [
      path,
      { full_name: path, mapping: { [path.split(".").at(-1)!]: propertyJson(fields.get(path)!) } },
    ]);
    return [name, { mappings: Object.fromEntries(mappings) }];
  });
  return ok(Object.fromEntries(json));
}
