import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Child, startChild, whenReady } from "./childProcess.ts";

const project = fileURLToPath(new URL("..", import.meta.url));
const tsx = import.meta.resolve("tsx");

export type NodeChildOptions = {
  /** Of the project, for instance src/main/api.ts. */
  readonly script: string;
  readonly arguments?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly logFile: string;
};

/** Starts a TypeScript program of the project as a Node process that ends with this one. */
export const startNodeChild = (options: NodeChildOptions): Promise<Child> =>
  startChild({
    command: process.execPath,
    arguments: ["--import", tsx, `${project}${options.script}`, ...(options.arguments ?? [])],
    ...(options.environment && { environment: options.environment }),
    logFile: options.logFile,
    deathSignal: "KILL",
    ipc: true,
  });

/** Compiling a program that tsx has not seen before takes seconds on a busy machine. */
const startPatienceMs = 60_000;

/** The same, and waits for a line of its output that begins with `readyLine`; resolves with what follows in that line. */
export async function startNodeChildUntil(
  readyLine: string,
  options: NodeChildOptions,
): Promise<{ child: Child; said: string }> {
  const before = (await stat(options.logFile).catch(() => null))?.size ?? 0;
  const child = await startNodeChild(options);
  let said = "";
  await whenReady(options.script, child, options.logFile, startPatienceMs, async () => {
    const output = (await readFile(options.logFile)).subarray(before).toString();
    const line = output.split("\n").find((candidate) => candidate.startsWith(readyLine));
    said = line?.slice(readyLine.length).trim() ?? "";
    return line !== undefined && output.includes(`${line}\n`);
  });
  return { child, said };
}
