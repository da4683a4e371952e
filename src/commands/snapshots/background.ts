/** Work that nobody waits for, by key. False if there is too much of it already; then it is not done. */
export type Background = ((key: string, work: () => Promise<void>) => boolean) & {
  /** Resolves when no work is left. */
  idle(): Promise<void>;
};

/** How many pieces run at once, and how many wait. */
const atOnce = 2;
const mostWaiting = 100;

/**
 * Runs pieces of work a turn of the event loop later, when the answers that are ready have gone out: few at once and one a key. Of
 * those that wait with the same key only the latest is done. What a piece rejects with goes to `failed`.
 */
export function createBackground(failed: (error: unknown, key: string) => void): Background {
  const waiting = new Map<string, () => Promise<void>>();
  const running = new Set<string>();
  let idlers: (() => void)[] = [];

  function start(): void {
    for (const [key, work] of waiting) {
      if (running.size >= atOnce) return;
      if (running.has(key)) continue;
      waiting.delete(key);
      running.add(key);
      setImmediate(() => void run(key, work));
    }
    if (running.size > 0 || waiting.size > 0) return;
    for (const resolve of idlers) resolve();
    idlers = [];
  }

  async function run(key: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      failed(error, key);
    }
    running.delete(key);
    start();
  }

  return Object.assign(
    (key: string, work: () => Promise<void>) => {
      if (!waiting.has(key) && waiting.size >= mostWaiting) return false;
      waiting.set(key, work);
      start();
      return true;
    },
    {
      idle: () =>
        new Promise<void>((resolve) => {
          idlers.push(resolve);
          start();
        }),
    },
  );
}
