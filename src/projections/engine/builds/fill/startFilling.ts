import { UnknownEvent } from "../../../../event-store/codec.ts";
import type { Build } from "../../core/build.ts";
import { lowestPosition } from "../../core/positions.ts";
import { LogMismatch } from "../../log/logCheck.ts";
import type { BuildCatalog } from "../../ports/buildCatalog.ts";
import { backoff, pause, type Timing } from "../../timing.ts";
import { replaceBuild } from "../foldedSkips.ts";
import type { Running } from "../followBuilds.ts";
import { whileLeased } from "../lease.ts";
import { replaceLost } from "../replaceLost.ts";
import { type Caution, cautionAfter } from "./caution.ts";
import { type FillDependencies, type FillLimits, fillBuild, SkippedWhileFilled } from "./fillBuild.ts";
import { TooManyParked } from "./segment.ts";

export type FillingDependencies = FillDependencies & {
  readonly catalog: BuildCatalog;
  /** Unique to this process. */
  readonly holder: string;
  readonly timing: Timing;
  readonly limits?: FillLimits;
  /** Notifies other processes that the builds of the read model changed. */
  readonly announce: (readModel: string) => Promise<void>;
};

/**
 * Fills a new build while this process holds its lease, then hands it over to the dispatcher. Faults are retried for ever; a
 * build that cannot be built fails, and the live one is unaffected.
 */
export function startFilling(dependencies: FillingDependencies, build: Build): Running {
  const { catalog, store, holder, timing, announce } = dependencies;
  const logger = dependencies.logger.child({ build: build.name });
  const stop = new AbortController();
  const lease = { catalog, name: `fill ${build.name}`, holder, leaseMs: timing.lease, logger };

  /** If the process dies after this, the start is counted as not ended. */
  const begin = async (): Promise<Caution> => {
    await store.open(build);
    const starts = await catalog.countFillStart(build, lowestPosition(await store.checkpoints(build)));
    const caution = cautionAfter(starts);
    if (caution.quarantined) logger.error(starts, "the next event crashed processes; parking it");
    else if (Number.isFinite(caution.events))
      logger.warn({ ...starts, ...caution }, "processes crashed while filling the build; filling in smaller segments");
    return caution;
  };

  const fill = async (held: AbortSignal): Promise<number | undefined> => {
    const begun: { caution?: Caution } = {};
    try {
      return await fillHeld(held, begun);
    } finally {
      if (begun.caution) await catalog.takeBackFillStart(build).catch(() => undefined);
    }
  };

  /** Resolves with how long to leave the fill to other processes. */
  const fillHeld = async (held: AbortSignal, begun: { caution?: Caution }): Promise<number | undefined> => {
    for (let attempt = 1; !held.aborted; attempt++) {
      try {
        begun.caution ??= await begin();
        logger.info("filling the build from the log");
        const outcome = await fillBuild(dependencies, build, held, dependencies.limits, begun.caution);
        if (outcome === "stopped") return undefined;
        if (outcome === "moved") {
          // A process that was suspended for longer than its lease continued: both write, and one of the two writes is rejected each time.
          logger.warn("another process fills the build too; continuing from its position");
          await pause(backoff(timing, attempt), held);
          continue;
        }
        await catalog.markFilled(build);
        logger.info({ outcome }, "the build is filled");
        await announce(build.readModel.name);
        return timing.buildsEvery;
      } catch (error) {
        // Also after the fill was stopped: the process that continues it would leave the event out of rows that are
        // already written.
        if (held.aborted && !(error instanceof SkippedWhileFilled)) {
          // The cause of the lost lease may also be the cause of this error.
          logger[stop.signal.aborted ? "debug" : "warn"]({ err: error, attempt }, "filling ended with an error");
          return timing.retryMost;
        }
        if (error instanceof TooManyParked || error instanceof LogMismatch || error instanceof SkippedWhileFilled) {
          logger.error({ err: error }, "the build failed");
          const reason = `${error.name}: ${error.message}`;
          const ended =
            error instanceof SkippedWhileFilled
              ? replaceBuild(catalog, build, reason)
              : catalog.end(build, "failed", reason);
          // If that fails, the build is filled again and the fault is found again, here or when it is about to take over.
          await ended.catch((err: unknown) => logger.warn({ err }, "cannot end a failed build; retrying"));
          await announce(build.readModel.name);
          return timing.buildsEvery;
        }
        if (error instanceof UnknownEvent) {
          logger.error({ err: error }, "this worker is too old for the build; leaving it to newer workers");
          return timing.retryRefused;
        }
        if (await replaceLost(dependencies, build, error).catch(() => false)) return timing.buildsEvery;
        logger.warn({ err: error, attempt }, "filling failed; retrying");
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
