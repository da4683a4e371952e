import { collectDefaultMetrics, Registry } from "prom-client";

export type { Registry };

/** The metrics of this process, its label `service` on all of them: what Node says of itself is there from the start. */
export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return registry;
}
