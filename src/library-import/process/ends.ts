import type { ChildProcess } from "node:child_process";
import { UnusableBookFile } from "../parsedBook.ts";

/**
 * The process that reads files was ended from outside, or did not get enough processor time or memory. The file need not be at
 * fault: another attempt may succeed. The message names the file.
 */
export class ReadingBrokeOff extends Error {
  override readonly name = "ReadingBrokeOff";
}

/**
 * The signals by which the process ends itself when a file exceeds a limit: V8 aborts at that of the heap, and the watchdog
 * sends signals that nothing else uses. The kernel and people kill by others.
 */
export const limitSignals = { heap: "SIGABRT", memory: "SIGUSR2", processorTime: "SIGVTALRM" } as const;

/** Why `path` was not read when the process ended, which may use `cpuMs` for a step. */
export function errorOfEnd(
  path: string,
  { exitCode, signalCode }: Pick<ChildProcess, "exitCode" | "signalCode">,
  cpuMs: number,
): Error {
  if (signalCode === limitSignals.heap || signalCode === limitSignals.memory)
    return new UnusableBookFile(`${path}: it needs more memory than a book may have`);
  if (signalCode === limitSignals.processorTime)
    return new UnusableBookFile(`${path}: it needs more than ${inSeconds(cpuMs)} of processor time to read`);
  const how = signalCode === null ? `ended with exit code ${exitCode}` : `was ended by ${signalCode}`;
  return new ReadingBrokeOff(`${path}: the process that reads files ${how}`);
}

/** Why `path` was not read when the process did not answer for `ms`. */
export function errorOfLateness(path: string, ms: number): Error {
  return new ReadingBrokeOff(`${path}: it could not be read within ${inSeconds(ms)}, with what the machine has left`);
}

const inSeconds = (ms: number) => `${Math.round(ms / 1000)} s`;
