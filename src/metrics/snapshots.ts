import { Counter, type Registry } from "prom-client";

/** Counts the outcomes of snapshot lookups and writes. */
export function countSnapshots(registry: Registry): (event: string) => void {
  const snapshots = new Counter({
    name: "heima_stream_snapshots_total",
    help: "Snapshots of streams: used, missing, unreadable or rejected when looked up; saved, older than the one there, or shed; failed.",
    labelNames: ["event"],
    registers: [registry],
  });
  return (event) => snapshots.inc({ event });
}
