import { fileURLToPath } from "node:url";
import { type Child, startChild, whenReady } from "./childProcess.ts";

const project = fileURLToPath(new URL("..", import.meta.url));

export type NodeChildOptions = {
  /** A path in the project, for instance src/main/api.ts. */
  readonly script: string;
  readonly arguments?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly logFile: string;
};

/** Starts a TypeScript program of the project as a Node process that ends with this one. */
export const startNodeChild = (options: NodeChildOptions): Promise<Child> =>
  startChild({
    command: process.execPath,
    arguments: [`${project}bin/run.js`, `${project}${options.script}`, ...(options.arguments ?? [])],
    ...(options.environment && { environment: options.environment }),
    logFile: options.logFile,
    deathSignal: "KILL",
    ipc: true,
  });

/** Time to the first message. Loading a program takes seconds on a busy machine, and bundling it when its sources have changed. */
const startPatienceMs = 60_000;

/**
 * The same, and waits for its ready message over the IPC channel, a text that begins with `readyLine`; resolves with the rest of
 * that text. Its log is not read: on a full disk the line would never appear there.
 */
export async function startNodeChildUntil(
  readyLine: string,
  options: NodeChildOptions,
): Promise<{ child: Child; said: string }> {
  const child = await startNodeChild(options);
  const line = () => child.messages.find((message) => message.startsWith(readyLine));
  await whenReady(options.script, child, options.logFile, startPatienceMs, async () => line() !== undefined);
  return { child, said: line()?.slice(readyLine.length).trim() ?? "" };
}
