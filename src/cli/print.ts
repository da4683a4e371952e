/**
 * Time that a reader of the output may pause after an interruption, in milliseconds. One that reads gets all that is still
 * printed.
 */
const patienceMs = 2_000;

const interruptions = new WeakMap<NodeJS.WritableStream, AbortSignal>();

/** From now on everything printed to this output heeds the interruption. */
export function heedInterruption(output: NodeJS.WritableStream, interruption: AbortSignal): void {
  interruptions.set(output, interruption);
}

/**
 * Writing to the output failed: what was printed is lost. `cause` is the error of the output itself, not of a file, store or
 * connection that a command uses.
 */
export class OutputFailed extends Error {
  /**
   * Whether the reader of the output has gone, as behind `
   * head`.
   */
  readonly isReaderGone: boolean;

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = "OutputFailed";
    this.isReaderGone = (cause as NodeJS.ErrnoException).code === "EPIPE";
  }
}

/**
 * Prints text, and resolves when the system has taken it: a caller that prints much waits for a slow reader instead of collecting the
 * output in memory. Rejects with OutputFailed, and with the reason of the output's interruption when that comes meanwhile; after it,
 * when the reader takes nothing for two seconds.
 */
export function print(output: NodeJS.WritableStream, text: string): Promise<void> {
  const interruption = interruptions.get(output);
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(interruption?.reason);
    const patience = interruption?.aborted ? setTimeout(giveUp, patienceMs) : undefined;
    interruption?.addEventListener("abort", giveUp, { once: true });
    const end = (settle: () => void) => {
      interruption?.removeEventListener("abort", giveUp);
      settle();
    };
    output.write(text, (error) => {
      clearTimeout(patience);
      if (error) end(() => reject(new OutputFailed(error)));
      // Signals are heard between turns only, and files and terminals take everything in the same one.
      else setImmediate(end, resolve);
    });
  });
}
