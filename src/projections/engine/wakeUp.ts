/** Wakes one waiter. A notification before the wait counts, so that none is missed between a check and the following wait. */
export function createWakeUp() {
  let isNotified = false;
  let wake: (() => void) | undefined;
  return {
    notify(): void {
      isNotified = true;
      wake?.();
    },
    /** Resolves at the next notification, at once if there was one since the last wait, or after `ms`. */
    async wait(ms: number): Promise<void> {
      if (!isNotified) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      isNotified = false;
      wake = undefined;
    },
  };
}
