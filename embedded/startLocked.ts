import { basename, dirname } from "node:path";
import type { Engine } from "./childProcess.ts";
import { lockFolder } from "./folderLock.ts";
import { makeFolder } from "./syncFolder.ts";

/**
 * Starts an engine as the only one in its data folder, whichever program starts it: `NAME.lock` beside the folder NAME is held
 * until the engine's process has ended. Creates the parent folders. Rejects when an engine runs there, and when `start` rejects,
 * which leaves no process behind.
 */
export async function startLocked(dataDir: string, start: () => Promise<Engine>): Promise<Engine> {
  const [folder, name] = [dirname(dataDir), basename(dataDir)];
  makeFolder(folder);
  const unlock = lockFolder(folder, `${name}.lock`, `only one ${name} may run there`);
  try {
    const engine = await start();
    // A lock that cannot be removed is reported by the next start.
    void engine.exited.then(unlock).catch(() => {});
    return engine;
  } catch (error) {
    unlock();
    throw error;
  }
}
