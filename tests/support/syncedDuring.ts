import fs from "node:fs";
import { open } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { vi } from "vitest";

/** The inodes of the files and folders that this process syncs during the work, in that order. */
export async function syncedDuring(work: () => unknown): Promise<number[]> {
  const synced: number[] = [];
  const spies = (["fsyncSync", "fdatasyncSync"] as const).map((name) => {
    const real = fs[name];
    return vi.spyOn(fs, name).mockImplementation((fd) => {
      real(fd);
      synced.push(fs.fstatSync(fd).ino);
    });
  });
  const handle = await open(".");
  const ofHandles = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  const { sync } = ofHandles;
  const spy = vi.spyOn(ofHandles, "sync").mockImplementation(async function (this: typeof handle) {
    await sync.call(this);
    synced.push((await this.stat()).ino);
  });
  syncBuiltinESMExports();
  try {
    await work();
    return synced;
  } finally {
    for (const each of [...spies, spy]) each.mockRestore();
    syncBuiltinESMExports();
  }
}
