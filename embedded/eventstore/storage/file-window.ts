import { readSync, writeSync } from "node:fs";

/** The bytes at an offset, as far as the file has them. What it returned before is overwritten. */
export type FileWindow = (offset: number, length: number) => Buffer;

/** Reads a file front to back through one buffer, so that neither many small reads nor the whole file in memory is needed. */
export function fileWindow(fd: number, size = 1024 * 1024): FileWindow {
  let buffer = Buffer.allocUnsafeSlow(size);
  let start = 0;
  let end = 0;
  return (offset, length) => {
    if (offset < start || offset + length > end) {
      if (length > buffer.length) buffer = Buffer.allocUnsafeSlow(length);
      start = offset;
      end = offset + readFully(fd, buffer, offset);
    }
    return buffer.subarray(offset - start, Math.min(offset + length, end) - start);
  };
}

/** Fills the buffer from the file; returns how many bytes it had. */
export function readFully(fd: number, buffer: Buffer, offset: number): number {
  let got = 0;
  while (got < buffer.length) {
    const read = readSync(fd, buffer, got, buffer.length - got, offset + got);
    if (read === 0) break;
    got += read;
  }
  return got;
}

/** Writes all of the bytes. One call of the system may write a part, as on a disk that is getting full; the next one then throws. */
export function writeFully(fd: number, bytes: Buffer, offset: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(fd, bytes, written, bytes.length - written, offset + written);
  }
}
