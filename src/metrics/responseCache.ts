import { Counter, type Registry } from "prom-client";

/** Counts the lookups in the response cache. */
export function countCacheLookups(registry: Registry): (result: "hit" | "miss") => void {
  const lookups = new Counter({
    name: "heima_response_cache_lookups_total",
    help: "Queries answered from the response cache (hit) and from the read models (miss).",
    labelNames: ["result"],
    registers: [registry],
  });
  return (result) => lookups.inc({ result });
}
