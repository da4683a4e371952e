import type { Logger } from "./logger.ts";

/** How long the steps of a shutdown may take together before the process ends anyway. */
const patienceMs = 10_000;

/**
 * On SIGTERM or SIGINT, or when the parent process is gone, runs `steps` one after the other, then exits with 0; a step that fails is logged and passed over,
 * and all end after ten seconds with 1. A second signal does nothing.
 */
export function onShutdown(logger: Logger, steps: ReadonlyArray<readonly [name: string, run: () => Promise<unknown>]>) {
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, "stopping");
    setTimeout(() => {
      logger.error("a step of the shutdown hangs; leaving");
      process.exit(1);
    }, patienceMs).unref();
    for (const [name, run] of steps) {
      await run().catch((error: unknown) => logger.warn({ err: error, step: name }, "shutdown step failed"));
    }
    logger.info("stopped");
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // A parent that holds a channel to us and dies takes us with it.
  process.on("disconnect", () => stop("disconnect"));
}
