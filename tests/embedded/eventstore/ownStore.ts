import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../embedded/freePort.ts";
import { startEventStoreProcess } from "../../../embedded/supervisor/eventStore.ts";

/** An event store as a separate process, whatever server other tests use: tests inspect its folder and its memory. */
export async function ownEventStore(folder?: string) {
  const root = folder ?? (await mkdtemp(join(tmpdir(), "heima-eventstore-")));
  const options = { dataDir: join(root, "data"), port: await freePort(), logFile: join(root, "eventstore.log") };
  let running = await startEventStoreProcess(options);
  return {
    url: running.url,
    address: new URL(running.url).host,
    dataDir: options.dataDir,
    /** Resident memory of the process, in bytes. */
    async memory(): Promise<number> {
      const status = await readFile(`/proc/${running.pid}/status`, "utf8");
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
    },
    /** Whether any file of the folder contains these bytes. */
    async holds(text: string): Promise<boolean> {
      for (const name of await readdir(options.dataDir)) {
        const bytes = await readFile(join(options.dataDir, name)).catch(() => Buffer.alloc(0));
        if (bytes.includes(text)) return true;
      }
      return false;
    },
    kill: async () => {
      process.kill(running.pid, "SIGKILL");
      await running.exited;
    },
    /** Milliseconds until it served again. */
    async restart(): Promise<number> {
      await running.stop();
      const began = performance.now();
      running = await startEventStoreProcess(options);
      return performance.now() - began;
    },
    async stop(): Promise<void> {
      await running.stop();
      if (folder === undefined) await rm(root, { recursive: true, force: true });
    },
  };
}
