import { readFile } from "node:fs/promises";
import { cpuSeconds } from "../load/percentiles.ts";

/**
 * CPU seconds that a Postgres server has used so far in all its processes, including ended ones, from /proc (Linux;
 * elsewhere NaN). `pid` is the postmaster's.
 */
export async function cpuOfPostgres(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ended = (Number(fields[13]) + Number(fields[14])) / 100;
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "")).split(" ");
  const running = await Promise.all(children.filter(Boolean).map((child) => cpuSeconds(Number(child))));
  // A process that ended after the listing is missing.
  return ended + (await cpuSeconds(pid)) + running.filter(Number.isFinite).reduce((sum, seconds) => sum + seconds, 0);
}
