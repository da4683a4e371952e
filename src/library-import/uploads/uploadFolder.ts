import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "heima-upload-";
/** A folder of another machine's that nobody wrote to for so long belongs to an import that died, in milliseconds. */
const abandonedAfterMs = 60 * 60_000;

/** What the folders of this process begin with: two containers may share a folder, but no host name. */
const ofProcess = (pid: number) => `${prefix}${hostname().replace(/\W/g, "_")}-${pid}-`;

/** The folders that this process works in. */
const inUse = new Set<string>();

/** Writes an upload's bytes to a folder of their own for the time of `work`; its name says the book's title if nothing else does. */
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

/** Removes what imports that died left behind on this machine. */
export async function removeAbandoned(now = Date.now()): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const path = join(tmpdir(), name);
    if (!name.startsWith(prefix) || inUse.has(path)) continue;
    const touched = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => now,
    );
    const pid = Number(/-(\d+)-[^-]*$/.exec(name)?.[1]);
    // A dead process may have had the number of this one.
    const isDead = name.startsWith(ofProcess(pid)) && (pid === process.pid || !isRunning(pid));
    if (isDead || now - touched > abandonedAfterMs) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Of another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The message without the folder that only we know. */
export function withoutFolder(message: string): string {
  return message.replace(/\S*heima-upload-[^/]*\//g, "");
}
