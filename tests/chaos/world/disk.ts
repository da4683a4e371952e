import { execFileSync } from "node:child_process";
import { closeSync, cpSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** A separate file system for the event store's log, so that it can be full. */
export type SmallDisk = {
  /** Uses up all free space; may be called again while the log releases space. */
  fill(): void;
  free(): void;
  /** Unmounts it. With `keep` its files stay where they were, on the disk beneath. */
  unmount(keep: boolean): void;
};

const size = 256 * 1024 * 1024;
const block = Buffer.alloc(64 * 1024);

/** Mounts a tmpfs on the folder; returns the reason if this process may not. */
export function mountSmallDisk(folder: string): SmallDisk | string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=0700`, "tmpfs", folder], { stdio: "pipe" });
  } catch (error) {
    return `no small disk can be mounted, which takes root: ${(error as Error).message.trim()}`;
  }
  const ballast = join(folder, "ballast");
  // An aborted run ends without clean-up; its files are in use until its processes have ended too.
  const leave = () => void execFileSync("umount", ["--lazy", folder], { stdio: "pipe" });
  process.once("exit", leave);
  return {
    fill() {
      const fd = openSync(ballast, "a");
      try {
        for (const part of [block, block.subarray(0, 4096)]) {
          try {
            for (let written = 0; written < size; written += part.length) writeSync(fd, part);
          } catch {
            // Full.
          }
        }
      } finally {
        closeSync(fd);
      }
    },
    free: () => rmSync(ballast, { force: true }),
    unmount(keep) {
      rmSync(ballast, { force: true });
      if (keep) cpSync(folder, `${folder}.kept`, { recursive: true });
      process.off("exit", leave);
      execFileSync("umount", [folder], { stdio: "pipe" });
      if (!keep) return;
      rmSync(folder, { recursive: true });
      renameSync(`${folder}.kept`, folder);
    },
  };
}
