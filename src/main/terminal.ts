import { heedInterruption, OutputFailed } from "../cli/print.ts";

/** Time for which connections to hanging servers may keep the process alive after its command, in milliseconds. */
const lingerMs = 2_000;

const outputs = [process.stdout, process.stderr];

/** The interaction between a command and its user besides text: signals, outputs, and the end. */
export type Terminal = {
  /**
   * Aborted with an Error for people by the first Ctrl-C (the second ends the process), by SIGTERM, SIGHUP, and when an output
   * fails. A command that does not call it is ended by these signals at once; a command that calls it stops printing too.
   */
  interruption(): AbortSignal;
  /**
   * Ends the process with this exit code, or with 1 if an output failed. Waits for the reader of the output, however slow, but
   * not after an interruption.
   */
  end(code: number): Promise<void>;
};

/** Call it before the first output: an error of one ends the process without a listener. */
export function openTerminal(): Terminal {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new Error("interrupted"));
  let failure: OutputFailed | undefined;
  for (const output of outputs) {
    output.on("error", (error) => {
      failure ??= new OutputFailed(error);
      interrupted.abort(failure);
    });
  }
  return {
    interruption() {
      for (const output of outputs) heedInterruption(output, interrupted.signal);
      process.once("SIGINT", interrupt);
      // `timeout` and a terminal that is closed send theirs twice.
      process.on("SIGTERM", interrupt);
      process.on("SIGHUP", interrupt);
      return interrupted.signal;
    },
    async end(code) {
      process.exitCode = code;
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, interrupt);
      if (!interrupted.signal.aborted) await Promise.all(outputs.map(written));
      if (failure !== undefined && code === 0) {
        process.exitCode = 1;
        if (!failure.isReaderGone) process.stderr.write(`heima: ${failure.message}\n`);
      }
      setTimeout(() => process.exit(), lingerMs).unref();
    },
  };
}

/** Resolves when all that was written before is read, or has failed. Signals end the process meanwhile. */
function written(output: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    output.write("", () => resolve());
  });
}
