import { type Answer, checkParameters, type Exchange, ok } from "../http/exchange.ts";
import type { Cluster } from "../indices/cluster.ts";

/** GET / */
export function info(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, []);
  return ok({
    name: "embedded",
    cluster_name: cluster.name,
    cluster_uuid: cluster.uuid,
    version: {
      number: "9.4.3",
      build_flavor: "default",
      build_type: "zip",
      build_hash: "45f6a06b1b441b41fe711059b8720013173e7c89",
      build_date: "2026-06-22T00:00:00.000000000Z",
      build_snapshot: false,
      lucene_version: "10.4.0",
      minimum_wire_compatibility_version: "8.19.0",
      minimum_index_compatibility_version: "8.0.0",
    },
    tagline: "You Know, for Search",
  });
}
