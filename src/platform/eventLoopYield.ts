import { setImmediate as nextTurn } from "node:timers/promises";

/** Time for which a loop keeps the event loop, in milliseconds: other work of the process is delayed by that. */
const keepsMs = 10;

/**
 * For long loops without input and output: called between two steps, it lets the event loop turn if that was not done for 10 ms, so that
 * timers, renewals of leases and other work of the process continue. A step should take a millisecond at most.
 */
export function createEventLoopYield(): () => Promise<void> {
  let due = performance.now() + keepsMs;
  return async () => {
    if (performance.now() < due) return;
    await nextTurn();
    due = performance.now() + keepsMs;
  };
}
