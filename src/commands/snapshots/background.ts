/** Background work, by key. Returns false if the queue is full; then the work is dropped. */
export type Background = ((key: string, work: () => Promise<void>) => boolean) & {
  /** Resolves when no work is left. */
  idle(): Promise<void>;
};

/** The number of pieces of work that run concurrently, and the maximum number that wait. */
const atOnce = 2;
const maxWaiting = 100;

/**
 * Runs work in a later turn of the event loop, so that responses that are ready go out first: few pieces at once, one per key.
 * Of waiting pieces with the same key only the latest runs. Errors go to `failed`.
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
      if (!waiting.has(key) && waiting.size >= maxWaiting) return false;
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
