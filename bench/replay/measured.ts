import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The interval at which a process is sampled, in milliseconds. */
const lookEveryMs = 1_000;

export type Measured = {
  readonly seconds: number;
  /** Of all its threads. */
  readonly cpuSeconds: number;
  /** MiB of its memory (VmRSS) at each sample; empty outside Linux. */
  readonly memory: readonly number[];
  /** MiB, the maximum until the last sample (VmHWM). */
  readonly maxMemory: number;
  readonly stdout: string;
};

/** Runs `heima replay …` as a separate process. Rejects if it fails. */
export async function measured(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Measured> {
  const began = performance.now();
  const bin = fileURLToPath(new URL("../../bin/heima.js", import.meta.url));
  const child = spawn(process.execPath, [bin, "replay", ...args], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => {
    stdout = `${stdout}${text}`.slice(0, 10_000);
  });
  child.stderr.on("data", (text) => {
    stderr = `${stderr}${text}`.slice(-10_000);
  });
  const memory: number[] = [];
  let [cpuSeconds, maxMemory] = [0, 0];
  const look = setInterval(() => {
    try {
      memory.push(mebibytesOf(child.pid ?? 0, "VmRSS"));
      maxMemory = mebibytesOf(child.pid ?? 0, "VmHWM");
      cpuSeconds = cpuOf(child.pid ?? 0);
    } catch {
      // It has ended, or this is no Linux.
    }
  }, lookEveryMs);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(look);
  if (code !== 0) throw new Error(`heima replay ${args.join(" ")} ended with ${code}: ${stderr}`);
  return { seconds: (performance.now() - began) / 1_000, cpuSeconds, memory, maxMemory, stdout };
}

/** MiB at a tenth, a quarter, … of the time, and the maximum. */
export function memoryInWords({ memory, maxMemory }: Measured): string {
  if (memory.length === 0) return "memory unknown";
  const at = (share: number) => memory[Math.floor((memory.length - 1) * share)];
  return `${[0.1, 0.25, 0.5, 0.75, 1].map(at).join(", ")} MiB, at most ${maxMemory}`;
}

function mebibytesOf(pid: number, field: "VmRSS" | "VmHWM"): number {
  const [, kib = "0"] = new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kib) / 1_024);
}

/** Ticks of 10 ms, user and system: fields 14 and 15 of proc(5), after the name, which may contain spaces. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
