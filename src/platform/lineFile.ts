import { writeSync } from "node:fs";
import { flushLines } from "./lineBuffer.ts";

/** Time that a line waits for the reader of a full pipe, and the pause between attempts, in milliseconds. */
const timeoutMs = 100;
const pauseMs = 5;

/** Lines that this process could not write since it started, to any file. */
let lost = 0;

/** The number of log lines that this process has lost, because the disk was full or the pipe was not read. */
export function linesLost(): number {
  flushLines();
  return lost;
}

export type LineFile = {
  /** Writes one or several lines. */
  write(text: string, lines?: number): void;
};

/** Writes bytes and returns how many; throws as `fs.writeSync` does. */
type WriteSome = (bytes: Uint8Array) => number;

/**
 * A file or pipe of lines that never throws: a line that cannot be written (ENOSPC, EIO, EPIPE, a full pipe) is lost and
 * counted. Before the next line that can be written, it writes the line that `report` returns about the loss and its reason. A
 * partially written line is ended first. Of lines written together all count as lost if any is.
 */
export function openLineFile(
  fd: number,
  report: (lines: number, errorCode: string) => string,
  writeSome: WriteSome = (bytes) => writeSync(fd, bytes),
): LineFile {
  let unreported = 0;
  let reason = "";
  let isCutOff = false;

  /** Undefined if everything was written, else the reason; the bytes written so far stay. */
  const tryToWrite = (text: string): string | undefined => {
    let rest: Uint8Array = Buffer.from(text);
    // After a timeout, do not wait again until the pipe has room.
    const until = unreported > 0 ? 0 : performance.now() + timeoutMs;
    while (rest.length > 0) {
      try {
        const written = writeSome(rest);
        if (written > 0) isCutOff = written < rest.length;
        rest = rest.subarray(written);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? "unknown";
        if ((code !== "EAGAIN" && code !== "EBUSY") || performance.now() >= until) return code;
        pause();
      }
    }
    return undefined;
  };

  return {
    write(text, lines = 1) {
      const ending = isCutOff ? "\n" : "";
      const reported = unreported > 0 ? report(unreported, reason) : "";
      const failure = tryToWrite(`${ending}${reported}${text}`);
      if (failure === undefined) {
        unreported = 0;
        return;
      }
      unreported += lines;
      lost += lines;
      reason = failure;
    },
  };
}

const still = new Int32Array(new SharedArrayBuffer(4));

function pause(): void {
  Atomics.wait(still, 0, 0, pauseMs);
}
