import type { Answer, Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import type { Cluster } from "../indices/cluster.ts";
import * as aliases from "./aliases.ts";
import { analyze } from "./analyze.ts";
import * as blocks from "./blocks.ts";
import { bulk } from "./bulk.ts";
import { health } from "./clusterHealth.ts";
import { count } from "./count.ts";
import * as documents from "./documents.ts";
import * as indices from "./indices.ts";
import { info } from "./info.ts";
import * as mappings from "./mappings.ts";
import { multiGet } from "./mget.ts";
import { multiSearch } from "./multiSearch.ts";
import * as pits from "./pointInTime.ts";
import { search } from "./searching.ts";
import * as settings from "./settings.ts";
import { update } from "./updates.ts";

type Api = (cluster: Cluster, exchange: Exchange) => Answer;

/** All routes, by method and path. */
export function routes(cluster: Cluster): Route[] {
  const on = (api: Api) => (exchange: Exchange) => api(cluster, exchange);
  const both = (path: string, methods: string, api: Api): Route[] => [
    [methods, `/${path}`, on(api)],
    [methods, `/{index}/${path}`, on(api)],
  ];
  return [
    ["GET HEAD", "/", on(info)],
    ["GET", "/_cluster/health", on(health)],
    ["GET", "/_cluster/health/{index}", on(health)],
    ["GET", "/{index}", on(indices.get)],
    ["PUT", "/{index}", on(indices.create)],
    ["DELETE", "/{index}", on(indices.remove)],
    ["HEAD", "/{index}", on(indices.exists)],
    ...both("_refresh", "GET POST", indices.refresh),
    ...both("_flush", "GET POST", indices.refresh),
    ...both("_forcemerge", "POST", indices.forceMerge),
    ...both("_mapping", "GET", mappings.get),
    ["PUT POST", "/{index}/_mapping", on(mappings.put)],
    ...both("_mapping/field/{fields}", "GET", mappings.getFields),
    ...both("_settings", "GET PUT", (c, exchange) =>
      (exchange.method === "GET" ? settings.get : settings.put)(c, exchange),
    ),
    ...both("_settings/{name}", "GET", settings.get),
    ["PUT", "/{index}/_block/{block}", on(blocks.add)],
    ["DELETE", "/{index}/_block/{block}", on(blocks.remove)],
    ["POST", "/_aliases", on(aliases.update)],
    ["GET", "/_alias", on(aliases.get)],
    ["GET HEAD", "/_alias/{name}", on(aliases.get)],
    ["GET", "/{index}/_alias", on(aliases.get)],
    ["GET HEAD", "/{index}/_alias/{name}", on(aliases.get)],
    ["PUT POST", "/{index}/_alias/{name}", on(aliases.put)],
    ["PUT POST", "/{index}/_aliases/{name}", on(aliases.put)],
    ["PUT", "/{index}/_alias", on(aliases.put)],
    ["DELETE", "/{index}/_alias/{name}", on(aliases.remove)],
    ["DELETE", "/{index}/_aliases/{name}", on(aliases.remove)],
    ["POST", "/{index}/_doc", (exchange) => documents.write(cluster, exchange, false)],
    ["PUT POST", "/{index}/_doc/{id}", (exchange) => documents.write(cluster, exchange, false)],
    ["PUT POST", "/{index}/_create/{id}", (exchange) => documents.write(cluster, exchange, true)],
    ["GET HEAD", "/{index}/_doc/{id}", on(documents.get)],
    ["DELETE", "/{index}/_doc/{id}", on(documents.remove)],
    ["POST", "/{index}/_update/{id}", on(update)],
    ["GET HEAD", "/{index}/_source/{id}", on(documents.source)],
    ...both("_mget", "GET POST", multiGet),
    ...both("_bulk", "POST PUT", bulk),
    ...both("_search", "GET POST", search),
    ...both("_msearch", "GET POST", multiSearch),
    ...both("_count", "GET POST", count),
    ...both("_analyze", "GET POST", analyze),
    ["POST", "/{index}/_pit", on(pits.open)],
    ["DELETE", "/_pit", on(pits.close)],
  ];
}
