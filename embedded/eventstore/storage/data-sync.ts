import { fdatasync, fdatasyncSync } from "node:fs";
import { promisify } from "node:util";

const inBackground = promisify(fdatasync);
/** Bytes: about what one append of one event or two takes. */
const small = 2_048;
/** Milliseconds that others may be kept waiting. */
const quick = 1;

/**
 * Waits until what was written to a file is on disk. After a small write, and while the disk is quick, it does so without a
 * thread: the way there and back takes longer than the sync, and a lone writer got 1.5 times as much done. Larger writes are of
 * many appends; more of them gather while a thread waits.
 */
export function dataSync(): (fd: number, bytes: number) => Promise<void> {
  let lastTook = 0;
  return async (fd, bytes) => {
    const began = performance.now();
    if (bytes <= small && lastTook < quick) fdatasyncSync(fd);
    else await inBackground(fd);
    lastTook = performance.now() - began;
  };
}
