import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "heima-upload-";
/** A folder of another machine that was not written for this long (milliseconds) belongs to an import that died. */
const abandonedAfterMs = 60 * 60_000;

/** The prefix of this process's folders: two containers may share a folder, but not a host name. */
const ofProcess = (pid: number) => `${prefix}${hostname().replace(/\W/g, "_")}-${pid}-`;

/** The folders currently in use by this process. */
const inUse = new Set<string>();

/**
 * Writes an upload's bytes to a temporary folder for the duration of `work`; the file keeps its name, which may be the book's
 * title.
 */
export async function withUploadFile(
  fileName: string,
  body: AsyncIterable<Uint8Array>,
  work: (path: string) => Promise<void>,
) {
  const folder = await mkdtemp(join(tmpdir(), ofProcess(process.pid)));
  inUse.add(folder);
  try {
    const path = join(folder, fileName);
    await writeFile(path, body);
    await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
    inUse.delete(folder);
  }
}

/** Removes what dead imports left on this machine. */
export async function removeAbandoned(): Promise<void> {
  const now = Date.now();
  for (const name of await readdir(tmpdir())) {
    const path = join(tmpdir(), name);
    if (!name.startsWith(prefix) || inUse.has(path)) continue;
    const touched = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => now,
    );
    const pid = Number(/-(\d+)-[^-]*$/.exec(name)?.[1]);
    // A dead process may have had the same number as this one.
    const isDead = name.startsWith(ofProcess(pid)) && (pid === process.pid || !isRunning(pid));
    if (isDead || now - touched > abandonedAfterMs) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // A process of another user.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return !isZombie(pid);
}

/** Returns whether a process has ended and its parent has not waited for it yet. Only on Linux; elsewhere false. */
function isZombie(pid: number): boolean {
  try {
    // proc(5): the state follows the name in brackets, which may hold anything.
    return /^.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** The message without the path of the temporary folder. It may also have a name from the file, of 64 KiB at most. */
export function withoutFolder(message: string): string {
  return message.replace(/\S+/g, (word) => {
    const start = word.lastIndexOf(prefix, word.lastIndexOf("/"));
    return start < 0 ? word : word.slice(word.indexOf("/", start) + 1);
  });
}
