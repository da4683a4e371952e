import { Gauge, type Registry } from "prom-client";
import type { Logger } from "../platform/logger.ts";
import { withTimeout } from "../platform/withTimeout.ts";
import type { VerificationRecord } from "../projections/engine/ports/buildCatalog.ts";

/** The same time limit as for the other metrics of read models. */
const timeoutMs = 3_000;

/**
 * The results and age of the last runs of `heima projections verify`, read from Postgres at each scrape, since they ran in
 * other processes. Missing if Postgres does not answer.
 */
export function watchVerifications(
  registry: Registry,
  lastVerifications: () => Promise<readonly VerificationRecord[]>,
  logger: Logger,
): void {
  const gauge = (name: string, help: string, value: (run: VerificationRecord) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ["read_model", "scope"],
      registers: [registry],
      async collect() {
        const runs = await withTimeout(lastVerifications(), timeoutMs).catch((error: unknown) => {
          logger.debug({ err: error }, "the metrics lack the verifications");
          return [];
        });
        this.reset();
        for (const run of runs) this.set({ read_model: run.readModel, scope: run.scope }, value(run));
      },
    });
  gauge(
    "heima_verify_differences",
    "Differences between the live build and the log that runs of this scope (all, sample, keys) found and that stand.",
    ({ differences }) => differences,
  );
  gauge("heima_verify_age_seconds", "How long ago the last run of this scope ended.", ({ at }) =>
    Math.max(0, (Date.now() - at.getTime()) / 1_000),
  );
}
