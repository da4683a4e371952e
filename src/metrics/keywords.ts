import { Counter, type Registry } from "prom-client";

/** Counts the outcomes of recording searches. */
export function countKeywords(registry: Registry): (outcome: string) => void {
  const keywords = new Counter({
    name: "heima_searched_keywords_total",
    help: "Searches that were answered: recorded in the log, left out (no keyword), dropped (the event store is slow), failed.",
    labelNames: ["outcome"],
    registers: [registry],
  });
  return (outcome) => keywords.inc({ outcome });
}
