import { fork } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChaosVerdict } from "../run.ts";
import type { RunMessage, RunOrder } from "./child.ts";

const program = fileURLToPath(new URL("./child.ts", import.meta.url));

export type RunInChild = {
  /** Resolves when its load has ended, or when it has. */
  readonly loadEnded: Promise<void>;
  /** An aborted run counts as one with findings. */
  readonly verdict: Promise<ChaosVerdict>;
};

/** Starts a run in a separate process; its output goes into a file beside its data folder. */
export function runInChild(order: RunOrder, report: (line: string) => void): RunInChild {
  mkdirSync(dirname(order.dataDir), { recursive: true });
  const output = openSync(`${order.dataDir}.log`, "w");
  const child = fork(program, [JSON.stringify(order)], {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", output, output, "ipc"],
  });
  closeSync(output);
  const begun = Date.now();
  const loadEnded = new Promise<void>((resolve) => {
    child.on("message", (message: RunMessage) => ("loadEnded" in message ? resolve() : undefined));
    child.on("exit", () => resolve());
  });
  const verdict = new Promise<ChaosVerdict>((resolve) => {
    let last: ChaosVerdict | undefined;
    child.on("message", (message: RunMessage) => {
      if ("line" in message) report(message.line);
      else if ("verdict" in message) last = message.verdict;
      else if ("brokenOff" in message) last = brokenOff(message.brokenOff, begun);
    });
    child.on("exit", (code, signal) => {
      resolve(last ?? brokenOff(`its process ended with ${signal ?? code}: see ${order.dataDir}.log`, begun));
    });
  });
  return { loadEnded, verdict };
}

function brokenOff(why: string, begun: number): ChaosVerdict {
  return {
    acknowledged: 0,
    refused: 0,
    lost: 0,
    doubled: 0,
    reordered: 0,
    late: [],
    events: 0,
    rows: 0,
    shown: 0,
    load: {},
    faults: {},
    notAvailable: {},
    restarts: {},
    seconds: Math.round((Date.now() - begun) / 1_000),
    differences: [`the run broke off: ${why}`],
  };
}
