import { readdir, readlink, realpath } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { beginningOf, programOf } from "./processIdentity.ts";

const turnMs = 50;
/** Polls before an engine that was asked to end is killed. */
const patientTurns = 40;
/** Polls before the start is given up. */
const maxTurns = 240;

/**
 * Ends the engine that an earlier, killed start left running in a data folder, and waits until it is gone; rejects when it still runs after
 * twelve seconds. Postgres and Redis both make their data folder the working directory of all their processes. A shell in that
 * folder has it too: only processes of `program` are ended. Only Linux shows this; elsewhere nothing is done: Postgres itself
 * refuses a folder in use, and a left-over Redis continues to write into its folder.
 * @param signal SIGKILL, or one that asks each of the program's processes to end: it has two seconds, then SIGKILL follows.
 */
export async function endLeftOver(dataDir: string, program: string, signal: NodeJS.Signals): Promise<void> {
  let pids = await processesIn(dataDir, program);
  for (let turn = 0; pids.length > 0; turn++) {
    if (turn === maxTurns) throw new Error(`${program} of an earlier start still runs in ${dataDir}: process ${pids}`);
    if (turn === 0) for (const pid of pids) send(pid, signal);
    if (signal === "SIGKILL" || turn >= patientTurns) for (const pid of pids) send(pid, "SIGKILL");
    await sleep(turnMs);
    pids = await processesIn(dataDir, program);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The processes of a program whose working directory is the data folder, as far as the system shows it: see `mayRunIn`. */
export async function processesIn(dataDir: string, program: string): Promise<readonly number[]> {
  const dir = await realpath(dataDir).catch(() => undefined);
  if (dir === undefined) return [];
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => ((await workingDirectoryOf(pid)) === dir && programOf(pid) === program ? [pid] : [])),
  );
  return found.flat();
}

/**
 * Returns whether a process is alive, runs the program, and is not known to have a working directory other than the data folder.
 * Those of other users' processes are unknown, even to root in a container that may not trace them (no CAP_SYS_PTRACE, Docker's
 * default), and all outside of Linux.
 */
export async function mayRunIn(dataDir: string, program: string, pid: number): Promise<boolean> {
  if (beginningOf(pid) === null || programOf(pid) !== program) return false;
  const known = await workingDirectoryOf(pid);
  return known === undefined || known === (await realpath(dataDir));
}

const workingDirectoryOf = (pid: number) => readlink(`/proc/${pid}/cwd`).catch(() => undefined);
