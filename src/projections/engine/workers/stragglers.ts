/**
 * The minimum time (ms) that a job waits for slower batches after half have ended, and the maximum time that it waits
 * in all.
 */
const graceMs = 250;
const maxMs = 1_000;

/**
 * Waits for works that began together, and resolves with the indexes of those that have not ended in time: when half of them have
 * ended, the others get as long again, at least 250 ms; none gets more than 1 s in all. They must not reject.
 */
export function stragglersOf(works: readonly Promise<unknown>[]): Promise<ReadonlySet<number>> {
  const begun = performance.now();
  const open = new Set(works.keys());
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timeout);
      clearTimeout(grace);
      resolve(new Set(open));
    };
    const timeout = setTimeout(end, maxMs);
    let grace: NodeJS.Timeout | undefined;
    const ended = (index: number) => {
      open.delete(index);
      if (open.size === 0) end();
      else if (open.size <= works.length / 2) grace ??= setTimeout(end, Math.max(graceMs, performance.now() - begun));
    };
    if (works.length === 0) end();
    for (const [index, work] of works.entries()) void work.then(() => ended(index));
  });
}
