import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "heima-upload-";
/** A folder that nobody wrote to for so long belongs to an import that died, in milliseconds. */
const abandonedAfterMs = 60 * 60_000;

/** Writes an upload's bytes to a folder of their own for the time of `work`; its name says the book's title if nothing else does. */
export async function withUploadFile(fileName: string, body: Uint8Array, work: (path: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  try {
    const path = join(folder, fileName);
    await writeFile(path, body);
    await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes what imports that died left behind, on this machine. */
export async function removeAbandoned(now = Date.now()): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const path = join(tmpdir(), name);
    const touched = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => now,
    );
    if (now - touched > abandonedAfterMs) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/** The message without the folder that only we know. */
export function withoutFolder(message: string): string {
  return message.replace(/\S*heima-upload-[^/]*\//g, "");
}
