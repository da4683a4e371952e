import type { Logger } from "../../../platform/logger.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";
import { pause } from "../timing.ts";

/**
 * Runs `work` while this process holds a lease, again and again until stopped; who does not hold it stands by, and so does for
 * the milliseconds that `work` resolves with who cannot do it: others may. `work` is aborted when the lease could not be
 * renewed in time. Nothing relies on a single holder: a process that was stopped and
 * goes on may overlap with its successor for a moment.
 */
export async function whileLeased(
  options: {
    readonly catalog: Pick<BuildCatalog, "takeLease" | "releaseLease">;
    readonly name: string;
    /** Of this process, unlike any other's. */
    readonly holder: string;
    readonly leaseMs: number;
    readonly logger: Logger;
  },
  stop: AbortSignal,
  work: (held: AbortSignal) => Promise<number | undefined>,
): Promise<void> {
  const { catalog, name, holder, leaseMs, logger } = options;
  /** Undefined when there was no answer, or none within `ms`. */
  const take = (ms: number, signal: AbortSignal): Promise<boolean | undefined> => {
    const asked = catalog.takeLease(name, holder, leaseMs).catch((error: unknown) => {
      logger.debug({ err: error, lease: name }, "cannot ask for the lease");
      return undefined;
    });
    return Promise.race([asked, pause(ms, signal).then(() => undefined)]);
  };
  while (!stop.aborted) {
    if (!(await take(leaseMs, stop))) {
      await pause(leaseMs / 4, stop);
      continue;
    }
    logger.info({ lease: name }, "holding the lease");
    const lost = new AbortController();
    const held = AbortSignal.any([stop, lost.signal]);
    const renewing = renew(lost, held);
    let standBy: number | undefined;
    try {
      standBy = await work(held);
    } finally {
      lost.abort();
      await renewing;
      await catalog.releaseLease(name, holder).catch(() => undefined);
    }
    await pause(standBy ?? 0, stop);
  }

  async function renew(lost: AbortController, held: AbortSignal): Promise<void> {
    let renewedAt = performance.now();
    for (;;) {
      await pause(leaseMs / 4, held);
      if (held.aborted) return;
      const asked = performance.now();
      // An answer that does not come is a lease that runs out.
      const renewed = await take(renewedAt + leaseMs - asked, held);
      if (renewed) renewedAt = asked;
      if (renewed === false || performance.now() - renewedAt >= leaseMs) {
        logger.warn({ lease: name }, "lost the lease");
        return lost.abort();
      }
    }
  }
}
