import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { beginningOf } from "../../embedded/processIdentity.ts";

/** Those of these pids that still run; a zombie does not. */
export const running = (pids: readonly number[]) => pids.filter((pid) => beginningOf(pid) !== null);

/** The child processes that this process starts from now on, until `stop`. */
export function startedFromNow() {
  const started: ChildProcess[] = [];
  const onStart = (message: unknown) => started.push((message as { process: ChildProcess }).process);
  subscribe("child_process", onStart);
  return { started, stop: () => unsubscribe("child_process", onStart) };
}
