/** A signal to give up: when the command is interrupted, or after `timeout` seconds. Its reason can be read as the beginning of a sentence. */
export function giveUpAfter(interruption: AbortSignal, timeout: number | undefined) {
  const controller = new AbortController();
  const interrupt = () => controller.abort("interrupted");
  interruption.addEventListener("abort", interrupt, { once: true });
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => controller.abort(`given up after ${timeout} s`), timeout * 1_000);
  return {
    signal: controller.signal,
    forget() {
      clearTimeout(timer);
      interruption.removeEventListener("abort", interrupt);
    },
  };
}
