import type { Logger } from "./logger.ts";

/** The time limit of all shutdown steps together; then the process exits anyway. */
const timeoutMs = 10_000;

/** A step of a process's shutdown: its name for the log, and its work. */
export type ShutdownStep = readonly [name: string, run: () => Promise<unknown>];

/**
 * On SIGTERM or SIGINT, or when the parent process has died, runs `steps` one after the other, then exits with 0. A step that
 * fails is logged and skipped; after ten seconds the process exits with 1. A second signal is ignored. `steps` is read when the
 * process ends: call this first, and add steps when there is something to do.
 */
export function onShutdown(logger: Logger, steps: readonly ShutdownStep[]): void {
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, "stopping");
    setTimeout(() => {
      logger.error("a shutdown step hangs; exiting");
      process.exit(1);
    }, timeoutMs).unref();
    for (const [name, run] of steps) {
      await run().catch((error: unknown) => logger.warn({ err: error, step: name }, "shutdown step failed"));
    }
    logger.info("stopped");
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // If a parent with an IPC channel to us dies, we exit too.
  process.on("disconnect", () => stop("disconnect"));
}
