/** Wakes one waiter. A notification before the wait counts, so that none is missed between a check and the following wait. */
export function createWakeUp() {
  let isNotified = false;
  let timer: NodeJS.Timeout | undefined;
  let wake: (() => void) | undefined;
  return {
    notify(): void {
      isNotified = true;
      clearTimeout(timer);
      wake?.();
    },
    /** Resolves at the next notification, at once if there was one since the last wait, or after `ms`. */
    async wait(ms: number): Promise<void> {
      if (!isNotified) {
        await new Promise<void>((resolve) => {
          timer = setTimeout(resolve, ms);
          wake = resolve;
        });
      }
      isNotified = false;
      wake = undefined;
    },
  };
}
