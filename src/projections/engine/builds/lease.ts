import type { Logger } from "../../../platform/logger.ts";
import { nextTick } from "../../../platform/tick.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";
import { pause } from "../timing.ts";

/**
 * Runs `work` repeatedly while this process holds a lease, until stopped. A process without the lease waits. If `work`
 * resolves with a number, this process gives up the lease for that many milliseconds. `work` is aborted when the lease
 * could not be renewed in time. Correctness does not depend on a single holder: a process that was suspended and
 * continues may overlap with its successor for a moment.
 */
export async function whileLeased(
  options: {
    readonly catalog: Pick<BuildCatalog, "takeLease" | "releaseLease">;
    readonly name: string;
    /** Unique to this process. */
    readonly holder: string;
    readonly leaseMs: number;
    readonly logger: Logger;
  },
  stop: AbortSignal,
  work: (held: AbortSignal) => Promise<number | undefined>,
): Promise<void> {
  const { catalog, name, holder, leaseMs, logger } = options;
  /** Requests without a response yet; a response may still arrive after its caller stopped waiting. */
  const asked = new Set<Promise<unknown>>();
  /** The remaining time (ms) of another's lease, 0 if this process has it; undefined if the catalog does not answer. */
  const ask = (): Promise<number | undefined> => {
    const question = catalog.takeLease(name, holder, leaseMs).catch((error: unknown) => {
      logger.debug({ err: error, lease: name }, "cannot ask for the lease");
      return undefined;
    });
    asked.add(question);
    void question.finally(() => asked.delete(question));
    return question;
  };
  /** Undefined when there is no answer within `ms`. */
  const within = (ms: number, question: Promise<number | undefined>, signal: AbortSignal) =>
    Promise.race([question, pause(ms, signal).then(() => undefined)]);
  /** Releases the lease after all requests were answered: a later response would take the lease again. */
  const release = async () => {
    const answered = Promise.all(asked);
    const released = answered.then(() => catalog.releaseLease(name, holder)).catch(() => undefined);
    await Promise.race([released, pause(leaseMs, new AbortController().signal)]);
  };
  while (!stop.aborted) {
    const left = await within(leaseMs, ask(), stop);
    if (stop.aborted || left !== 0) {
      if (stop.aborted) await release();
      // A waiting process asks once in the time that the holder has left: soon after that time, or after a release.
      await pause(Math.min(left ?? leaseMs / 4, leaseMs) + 10, stop);
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
      await release();
    }
    await pause(standBy ?? 0, stop);
  }

  async function renew(lost: AbortController, held: AbortSignal): Promise<void> {
    let renewedAt = performance.now();
    for (;;) {
      // With all leases of the process, so that they take one statement.
      await nextTick(leaseMs / 4, held);
      if (held.aborted) return;
      const begun = performance.now();
      const question = ask();
      void question.then((left) => {
        if (left === 0) renewedAt = Math.max(renewedAt, begun);
      });
      // Ask again if the answer is late; a late answer still counts. All leases of the process may have been requested on a dead connection.
      const left = await within(Math.min(leaseMs / 4, renewedAt + leaseMs - begun), question, held);
      if ((left !== undefined && left > 0) || performance.now() - renewedAt >= leaseMs) {
        logger.warn({ lease: name }, "lost the lease");
        return lost.abort();
      }
    }
  }
}
