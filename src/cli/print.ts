/**
 * Prints text, and resolves when the system has taken it: whoever prints much waits for a slow reader instead of collecting the
 * output in memory. Rejects with the stream's error (`isReaderGone` knows the one of a reader who has gone), or with the reason of
 * `signal`, however long the reader waits.
 */
export function print(stdout: NodeJS.WritableStream, text: string, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    stdout.write(text, (error) => {
      signal?.removeEventListener("abort", abort);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Whether the error means that nobody reads an output any more, as behind `| head`. */
export function isReaderGone(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "EPIPE";
}
