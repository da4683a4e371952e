import { setTimeout as sleep } from "node:timers/promises";
import { startChild, whenReady } from "../childProcess.ts";
import { answers } from "./answers.ts";
import type { EngineName } from "./engineNames.ts";
import type { GivenPart } from "./given.ts";
import type { Part } from "./keepRunning.ts";

const startPatienceMs = 60_000;
const stopPatienceMs = 10_000;

/**
 * Runs the command of a given part with sh and waits until the server answers. Signals go to all its processes, which are one
 * group: a shell that waits for its server would not forward them. When this process is killed only the command's first process
 * dies with it, so it should `exec` its server.
 */
export async function startByCommand(
  name: EngineName,
  { url, command = "" }: GivenPart,
  logFile: string,
): Promise<Part> {
  const child = await startChild({
    command: "/bin/sh",
    arguments: ["-c", command],
    logFile,
    deathSignal: "KILL",
  });
  await whenReady(`the command of the ${name}`, child, logFile, startPatienceMs, () => answers(name, url)).catch(
    (error) => {
      signalGroup(child.pid, "SIGKILL");
      throw error;
    },
  );
  return {
    pid: child.pid,
    exited: child.exited,
    signal: (signal) => signalGroup(child.pid, signal),
    stop: async () => {
      signalGroup(child.pid, "SIGTERM");
      await Promise.race([child.exited, sleep(stopPatienceMs, undefined, { ref: false })]);
      signalGroup(child.pid, "SIGKILL");
      await child.exited;
    },
  };
}

/** False if there is no such process any more. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
