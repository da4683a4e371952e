import { fdatasync, fdatasyncSync } from "node:fs";
import { promisify } from "node:util";

const inBackground = promisify(fdatasync);
/** Bytes: about one append of one or two events. */
const small = 2_048;
/** Milliseconds that the event loop may be blocked. */
const quick = 1;

/**
 * Waits until the writes to a file are on disk. After a small write, and while the disk is fast, it syncs without a thread: the
 * thread switch takes longer than the sync, and a single writer was 1.5 times as fast. Larger writes hold many appends; more of
 * them accumulate while a thread waits.
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
