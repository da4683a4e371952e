import { Gauge, type Registry } from "prom-client";

/**
 * Observes whether each dependency is up, as in the readiness check: determined at each scrape, up to a second old.
 * `dependenciesNow` never rejects, and takes at most two seconds.
 */
export function watchDependencies(
  registry: Registry,
  dependenciesNow: () => Promise<Readonly<Record<string, "up" | "down">>>,
): void {
  new Gauge({
    name: "heima_dependency_up",
    help: "1 when the dependency answers this process, 0 when it does not.",
    labelNames: ["dependency"],
    registers: [registry],
    async collect() {
      const states = await dependenciesNow();
      this.reset();
      for (const [dependency, state] of Object.entries(states)) this.set({ dependency }, state === "up" ? 1 : 0);
    },
  });
}
