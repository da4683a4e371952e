import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../embedded/freePort.ts";
import { startEventStoreProcess } from "../../embedded/supervisor/eventStore.ts";

/**
 * Starts a private event store, as a process: an empty $all. `kill` is kill -9; `restart` starts it again on the same port with
 * the same data; `stop` ends it and removes its data. With TEST_EVENTSTORE_URL it is that server: its $all holds events of other
 * tests, `kill` and `restart` reject, `stop` does nothing. `notReal` is the reason why the test cannot use that server: then it
 * gets a private one, and the reason is printed.
 */
export async function freshEventStore(notReal?: string) {
  const real = process.env.TEST_EVENTSTORE_URL;
  if (real !== undefined && notReal !== undefined)
    console.warn(`TEST_EVENTSTORE_URL is left aside, an embedded event store takes its place: ${notReal}`);
  else if (real !== undefined) {
    const refuse = async () => {
      throw new Error("the event store of TEST_EVENTSTORE_URL is not ours to kill");
    };
    return { url: real, stop: async () => {}, kill: refuse, restart: refuse };
  }
  const dir = await mkdtemp(join(tmpdir(), "heima-eventstore-"));
  const options = { dataDir: join(dir, "data"), port: await freePort(), logFile: join(dir, "eventstore.log") };
  let running = await startEventStoreProcess(options);
  const kill = async () => {
    process.kill(running.pid, "SIGKILL");
    await running.exited;
  };
  return {
    url: running.url,
    kill,
    restart: async () => {
      await running.stop();
      running = await startEventStoreProcess(options);
    },
    stop: async () => {
      await running.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
