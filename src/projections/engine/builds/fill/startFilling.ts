import { UnknownEvent } from "../../../../event-store/codec.ts";
import type { Build } from "../../core/build.ts";
import type { BuildCatalog } from "../../ports/buildCatalog.ts";
import { backoff, pause, type Timing } from "../../timing.ts";
import type { Running } from "../followBuilds.ts";
import { whileLeased } from "../lease.ts";
import { type FillDependencies, type FillLimits, fillBuild, LogMismatch } from "./fillBuild.ts";
import { TooManyParked } from "./segment.ts";

export type FillingDependencies = FillDependencies & {
  readonly catalog: BuildCatalog;
  /** Of this process, unlike any other's. */
  readonly holder: string;
  readonly timing: Timing;
  readonly limits?: FillLimits;
  /** Publishes that the builds of the read model changed. */
  readonly announce: (readModel: string) => Promise<void>;
};

/**
 * Fills a new build while this process holds the lease for it, then hands it to the dispatcher. Faults are tried again for
 * ever; a build that cannot be built fails, and leaves the live one as it is.
 */
export function startFilling(dependencies: FillingDependencies, build: Build): Running {
  const { catalog, holder, timing, announce } = dependencies;
  const logger = dependencies.logger.child({ build: build.name });
  const stop = new AbortController();
  const lease = { catalog, name: `fill ${build.name}`, holder, leaseMs: timing.lease, logger };

  /** Resolves with how long to let other processes try. */
  const fill = async (held: AbortSignal): Promise<number | undefined> => {
    for (let attempt = 1; !held.aborted; attempt++) {
      try {
        logger.info("filling the build from the log");
        const outcome = await fillBuild(dependencies, build, held, dependencies.limits);
        if (outcome === "stopped") return undefined;
        if (outcome === "moved") {
          // A process that was stopped for longer than its lease went on; both write, each time one of them in vain.
          logger.warn("another process fills the build too; going on from where it is");
          await pause(backoff(timing, attempt), held);
          continue;
        }
        await catalog.markFilled(build);
        logger.info({ outcome }, "the build is filled");
        await announce(build.readModel.name);
        return timing.buildsEvery;
      } catch (error) {
        if (held.aborted) return undefined;
        if (error instanceof TooManyParked || error instanceof LogMismatch) {
          logger.error({ err: error }, "the build failed");
          await catalog.end(build, "failed", `${error.name}: ${error.message}`).catch(() => undefined);
          await announce(build.readModel.name);
          return timing.buildsEvery;
        }
        if (error instanceof UnknownEvent) {
          logger.error({ err: error }, "this worker is too old for the build and leaves it to others");
          return timing.retryRefused;
        }
        logger.warn({ err: error, attempt }, "filling failed; again");
        await pause(backoff(timing, attempt), held);
      }
    }
    return undefined;
  };
  const filling = whileLeased(lease, stop.signal, fill);

  return {
    async close() {
      stop.abort("the build is left");
      await filling;
    },
  };
}
