import { Counter, type Registry } from "prom-client";

/** Counts the answers of queries that were kept, and those that were made anew. */
export function countKeptAnswers(registry: Registry): (from: "kept" | "made") => void {
  const answers = new Counter({
    name: "heima_query_answers_total",
    help: "Answers of queries to read models: kept from an earlier request, or made anew.",
    labelNames: ["from"],
    registers: [registry],
  });
  return (from) => answers.inc({ from });
}
