import { Counter, collectDefaultMetrics, Registry } from "prom-client";
import { linesLost } from "../platform/lineFile.ts";

export type { Registry };

/** The metrics of this process, with the label `service` and Node's default metrics. */
export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  new Counter({
    name: "heima_log_lines_lost_total",
    help: "Lines of the log that could not be written.",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(linesLost());
    },
  });
  return registry;
}
