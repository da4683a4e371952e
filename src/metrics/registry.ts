import { Counter, collectDefaultMetrics, Registry } from "prom-client";
import { linesLost } from "../platform/lineFile.ts";

export type { Registry };

/** The metrics of this process, its label `service` on all of them: what Node says of itself is there from the start. */
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
