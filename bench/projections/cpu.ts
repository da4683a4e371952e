import { readdir, readFile } from "node:fs/promises";

/** CPU seconds of a process and of all its descendants, those that have ended included. Linux only. */
export async function cpuOfTree(pid: number): Promise<number> {
  const processes = new Map<number, { parent: number; ticks: number }>();
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
    if (stat === "") continue;
    // proc(5), after the name in brackets: state, ppid, …, utime and stime (12th and 13th), cutime and cstime.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    processes.set(Number(entry), { parent: Number(fields[1]), ticks });
  }
  let ticks = 0;
  for (const [found, { ticks: own }] of processes) {
    for (let current: number | undefined = found; current !== undefined; current = processes.get(current)?.parent) {
      if (current !== pid) continue;
      ticks += own;
      break;
    }
  }
  return ticks / 100;
}
