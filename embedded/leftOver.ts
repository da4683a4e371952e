import { readdir, readFile, readlink, realpath } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const turnMs = 50;
/** Turns that an engine has for the end that it was asked for. */
const patientTurns = 40;
/** Turns after which the start is given up. */
const maxTurns = 240;

/**
 * Ends the engine that an earlier, killed start left running in a data folder, and waits until it is gone; rejects when it still runs after
 * twelve seconds. Postgres and Redis both make their data folder the working directory of all their processes. So do people who look at it:
 * only processes of `program` are ended. Only Linux tells all this; elsewhere nothing is done: Postgres itself refuses a folder in use, and
 * a Redis that is left over goes on writing into its folder.
 * @param signal SIGKILL, or one that asks each of the program's processes to end: it has two seconds, then SIGKILL follows.
 */
export async function endLeftOver(dataDir: string, program: string, signal: NodeJS.Signals): Promise<void> {
  const dir = await realpath(dataDir).catch(() => undefined);
  if (dir === undefined) return;
  let pids = await processesOf(program, dir);
  for (let turn = 0; pids.length > 0; turn++) {
    if (turn === maxTurns) throw new Error(`${program} of an earlier start still runs in ${dir}: process ${pids}`);
    if (turn === 0) for (const pid of pids) send(pid, signal);
    if (signal === "SIGKILL" || turn >= patientTurns) for (const pid of pids) send(pid, "SIGKILL");
    await sleep(turnMs);
    pids = await processesOf(program, dir);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function processesOf(program: string, dir: string): Promise<number[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      if ((await readlink(`/proc/${pid}/cwd`).catch(() => "")) !== dir) return [];
      // The first 15 bytes of the name under which the program was started.
      const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trimEnd();
      return name === program ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
