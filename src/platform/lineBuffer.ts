/** UTF-16 units that are gathered at most; a line of a request has some 250. */
const mostGathered = 16 * 1024;

/** How long a line is gathered at most: a process that is killed loses the lines of so long. */
const gatherMs = 1_000;

/** Gathers lines, so that many are written at once. */
export type LineBuffer = {
  /** Adds a line; what is `urgent` is written at once, with all before it. So is the first line in a while. */
  write(line: string, urgent: boolean): void;
  flush(): void;
};

const buffers = new Set<LineBuffer>();

/** Writes what the buffers of this process have gathered. */
export function flushLines(): void {
  for (const buffer of buffers) buffer.flush();
}

// Also of a process that dies of an exception.
process.on("exit", flushLines);

/** `write` gets whole lines, and how many they are; it must write at once and not throw. */
export function createLineBuffer(write: (text: string, lines: number) => void): LineBuffer {
  let text = "";
  let lines = 0;
  let writtenAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const buffer: LineBuffer = {
    write(line, urgent) {
      text += line;
      lines += 1;
      if (urgent || text.length >= mostGathered) buffer.flush();
      else if (timer === undefined) {
        if (performance.now() - writtenAt >= gatherMs) buffer.flush();
        else timer = setTimeout(buffer.flush, gatherMs).unref();
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
