import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Makes this process the only one that uses the folder; the returned function gives it free.
 * The lock is a file with the pid and, on Linux, the start time of its owner: a lock left behind by `kill -9` names a process
 * that is gone, or a zombie, or another one that got the same pid later, and is taken over.
 * @throws Error when a living process holds the folder.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, "lock");
  const mine = join(folder, `lock.${process.pid}`);
  writeFileSync(mine, `${process.pid} ${startTime(process.pid)}`);
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        // A link appears whole or not at all, and never replaces another one's lock.
        linkSync(mine, path);
        return () => rmSync(path, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt > 10) throw error;
        const owner = livingOwner(path);
        if (owner !== undefined)
          throw new Error(`${folder} is in use by process ${owner}: only one event store may open it`);
        rmSync(path, { force: true });
      }
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function livingOwner(path: string): number | undefined {
  const [pid, started] = read(path).split(" ");
  const owner = Number(pid);
  if (!Number.isInteger(owner) || owner <= 0) return undefined;
  try {
    process.kill(owner, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return undefined;
  }
  return startTime(owner) === started ? owner : undefined;
}

/** Field 22 of /proc/PID/stat, in clock ticks since the boot; "zombie" for what has ended; empty where there is no /proc. */
function startTime(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === "Z" ? "zombie" : (fields[18] ?? "");
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
