/** The maximum number of buffered UTF-16 units; a request's line has some 250. */
const maxBuffered = 16 * 1024;

/** Maximum time for which a line is buffered: a killed process loses up to this much of its log. */
const bufferMs = 1_000;

/** Buffers lines, so that many are written at once. */
export type LineBuffer = {
  /** Adds a line. An `urgent` line is written at once with all before it; so is the first line after a pause. */
  write(line: string, urgent: boolean): void;
  flush(): void;
};

const buffers = new Set<LineBuffer>();

/** Writes all buffered lines of this process. */
export function flushLines(): void {
  for (const buffer of buffers) buffer.flush();
}

// Also when the process dies of an exception.
process.on("exit", flushLines);

/** `write` receives whole lines and their number; it must write synchronously and must not throw. */
export function createLineBuffer(write: (text: string, lines: number) => void): LineBuffer {
  let text = "";
  let lines = 0;
  let writtenAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const buffer: LineBuffer = {
    write(line, urgent) {
      text += line;
      lines += 1;
      if (urgent || text.length >= maxBuffered) buffer.flush();
      else if (timer === undefined) {
        if (performance.now() - writtenAt >= bufferMs) buffer.flush();
        else timer = setTimeout(buffer.flush, bufferMs).unref();
      }
    },
    flush() {
      clearTimeout(timer);
      timer = undefined;
      if (lines === 0) return;
      const [gathered, count] = [text, lines];
      text = "";
      lines = 0;
      writtenAt = performance.now();
      write(gathered, count);
    },
  };
  buffers.add(buffer);
  return buffer;
}
