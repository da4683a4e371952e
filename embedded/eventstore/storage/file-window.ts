import { readSync, writeSync } from "node:fs";

/** The bytes at an offset, as far as the file has them. Overwrites the previous result. */
export type FileWindow = (offset: number, length: number) => Buffer;

/** Reads a file front to back through one buffer, to avoid many small reads and the whole file in memory. */
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

/** Fills the buffer from the file; returns the number of bytes. */
export function readFully(fd: number, buffer: Buffer, offset: number): number {
  let got = 0;
  while (got < buffer.length) {
    const read = readSync(fd, buffer, got, buffer.length - got, offset + got);
    if (read === 0) break;
    got += read;
  }
  return got;
}

/** Writes all of the bytes. One system call may write only a part, as on a disk that fills up; the next one then throws. */
export function writeFully(fd: number, bytes: Buffer, offset: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(fd, bytes, written, bytes.length - written, offset + written);
  }
}
