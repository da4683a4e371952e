import { rm } from "node:fs/promises";
import { writePrivately } from "./writePrivately.ts";

export type StateFile = {
  /** Writes the current state; resolves after the attempt. A write that fails (on a full disk) is retried every second. */
  write(): Promise<void>;
  /** Stops writing and removes the file. */
  remove(): Promise<void>;
};

const repeatMs = 1_000;

/** Maintains a file with the result of `state` as JSON. Never rejects: a supervisor must survive a full disk. */
export function openStateFile(file: string, state: () => unknown, report: (message: string) => void): StateFile {
  let written: Promise<void> = Promise.resolve();
  let repeat: NodeJS.Timeout | undefined;
  let failing = false;
  let removed = false;

  async function tryToWrite(): Promise<void> {
    clearTimeout(repeat);
    if (removed) return;
    try {
      await writePrivately(file, JSON.stringify(state(), null, 2));
      failing = false;
    } catch (error) {
      if (!failing) report(`${file} cannot be written: ${(error as Error).message}`);
      failing = true;
      repeat = setTimeout(write, repeatMs);
      repeat.unref();
    }
  }

  function write(): Promise<void> {
    written = written.then(tryToWrite);
    return written;
  }

  return {
    write,
    async remove() {
      removed = true;
      await written;
      clearTimeout(repeat);
      for (const path of [file, `${file}.new`]) await rm(path, { force: true }).catch(() => {});
    },
  };
}
