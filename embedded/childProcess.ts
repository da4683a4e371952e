import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** An engine in its own process: its URL, and the pid of the process that answers there. */
export type Engine = {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process has ended, with a description of how; never rejects. */
  readonly exited: Promise<string>;
  /** Stops it gracefully; by SIGKILL when that takes longer than ten seconds. Resolves when it has ended. */
  stop(): Promise<void>;
};

export type Child = {
  readonly pid: number;
  readonly exited: Promise<string>;
  /** The messages that it sent over the IPC channel. */
  readonly messages: readonly string[];
  kill(signal: NodeJS.Signals): void;
  stop(signal: NodeJS.Signals): Promise<void>;
};

export type ChildOptions = {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  /** The signal that Linux sends the child when this process dies, even by SIGKILL. */
  readonly deathSignal: "KILL" | "QUIT";
  /** Further arguments of setpriv, for instance the user to run as. */
  readonly privileges?: readonly string[];
  /** Opens an IPC channel, so that a Node child sees "disconnect" when this process dies. */
  readonly ipc?: boolean;
};

const stopPatienceMs = 10_000;
const setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].find((path) => existsSync(path));

/**
 * Starts a process that does not outlive this one. It has its own session: Ctrl-C on the terminal reaches only the
 * supervisor, which stops its children in order. Without setpriv (macOS) a SIGKILL of this process leaves the child running.
 * Rejects when the program cannot be started.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const privileges = options.privileges ?? [];
  if (privileges.length > 0 && setpriv === undefined) throw new Error("setpriv (package util-linux) is not installed");
  // setpriv changes the user first and sets the death signal last: a change of user would clear it.
  const prefix = setpriv === undefined ? [] : [setpriv, ...privileges, "--pdeathsig", options.deathSignal, "--"];
  const [command = options.command, ...args] = [...prefix, options.command, ...options.arguments];
  await mkdir(dirname(options.logFile), { recursive: true });
  const log = await open(options.logFile, "a", 0o600);
  const child = spawn(command, args, {
    stdio: ["ignore", log.fd, log.fd, ...(options.ipc ? (["ipc"] as const) : [])],
    env: options.environment ?? process.env,
    detached: true,
  });
  const exited = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
    child.once("error", (error) => resolve(error.message));
  });
  const messages: string[] = [];
  child.on("message", (message) => void (typeof message === "string" && messages.push(message)));
  await log.close();
  const pid = child.pid;
  if (pid === undefined) throw new Error(`cannot start ${options.command}: ${await exited}`);
  return {
    pid,
    exited,
    messages,
    kill: (signal) => void child.kill(signal),
    stop: async (signal) => {
      child.kill(signal);
      const timer = setTimeout(() => child.kill("SIGKILL"), stopPatienceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Milliseconds: the most that one poll counts towards the time-out, since a suspended machine or process did not wait. */
const longestTurnMs = 1_000;

/**
 * Waits until `probe` answers true. Rejects, with the end of the log, when the child ends first or reports no progress for
 * `timeoutMs`, and with the error of a probe that rejects; in each case after the child has ended.
 */
export async function whenReady(
  name: string,
  child: Child,
  logFile: string,
  timeoutMs: number,
  probe: () => Promise<boolean>,
): Promise<void> {
  let waitedMs = 0;
  let last = Date.now();
  let messages = child.messages.length;
  let ended: string | undefined;
  void child.exited.then((how) => {
    ended = how;
  });
  try {
    while (ended === undefined && waitedMs < timeoutMs) {
      if (await probe()) return;
      if (child.messages.length > messages) {
        messages = child.messages.length;
        waitedMs = 0;
      }
      await Promise.race([sleep(20), child.exited]);
      const now = Date.now();
      waitedMs += Math.min(now - last, longestTurnMs);
      last = now;
    }
  } catch (error) {
    await child.stop("SIGKILL");
    throw error;
  }
  const since = child.messages.length === 0 ? " after" : `: ${child.messages.at(-1)}, and nothing for`;
  const reason = ended ?? `not ready${since} ${timeoutMs / 1000} s`;
  if (ended === undefined) await child.stop("SIGKILL");
  const log = await readFile(logFile, "utf8").catch(() => "");
  throw new Error(
    `${name} did not start (${reason}); the end of ${logFile}:\n${log.split("\n").slice(-12).join("\n")}`,
  );
}
