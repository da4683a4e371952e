/** The p-th percentiles of a list of numbers, each of the nearest rank. */
export function percentiles(values: readonly number[], ...ranks: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  return ranks.map(
    (rank) => sorted[Math.min(sorted.length - 1, Math.ceil((rank / 100) * sorted.length) - 1)] ?? Number.NaN,
  );
}

/** CPU seconds that a process has used so far, from /proc (Linux; elsewhere NaN). Ticks are hundredths of a second. */
export async function cpuSeconds(pid: number): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
