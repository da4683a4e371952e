import { readdirSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

const lowest = 19;

/**
 * Lowers the scheduling priority of this process by `by` steps of `nice`. On Linux a priority is a thread's own, so it is set for all threads
 * that there are by now, such as those of V8's garbage collector; later ones inherit it. Best effort: where it is not permitted, nothing
 * changes.
 */
export function lowerPriority(by: number): void {
  const niceness = Math.min(lowest, getPriority() + by);
  for (const thread of threads()) set(thread, niceness);
}

/** The ids of this process's threads; where there is no /proc, 0 for the whole process. */
function threads(): readonly number[] {
  try {
    return readdirSync("/proc/self/task").map(Number);
  } catch {
    return [0];
  }
}

function set(thread: number, niceness: number): void {
  try {
    setPriority(thread, niceness);
  } catch {
    // Not permitted, or the thread has ended.
  }
}
