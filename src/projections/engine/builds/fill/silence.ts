/**
 * Calls `silent` if nothing was received for `ms`: a subscription may not notice a lost connection. Time during which the
 * reader itself is busy does not count.
 */
export function watchSilence(ms: number, silent: () => void) {
  let heardAt = performance.now();
  let busy = 0;
  const timer = setInterval(() => {
    if (busy === 0 && performance.now() - heardAt > ms) silent();
  }, ms / 4);
  return {
    heard(): void {
      heardAt = performance.now();
    },
    async except<Result>(work: Promise<Result>): Promise<Result> {
      busy++;
      try {
        return await work;
      } finally {
        busy--;
        heardAt = performance.now();
      }
    },
    end: () => clearInterval(timer),
  };
}
