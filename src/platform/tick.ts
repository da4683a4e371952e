type Tick = { readonly timer: NodeJS.Timeout; readonly waiting: Set<() => void> };

const ticks = new Map<number, Tick>();

/**
 * Resolves at this process's next tick of `everyMs` milliseconds, or at once when the signal is aborted; never rejects. Whoever waits for a
 * tick wakes in the same turn of the event loop as all others who do, so that what they then ask can be asked together.
 */
export function nextTick(everyMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const tick = ticks.get(everyMs) ?? startTick(everyMs);
    const done = () => {
      signal.removeEventListener("abort", left);
      resolve();
    };
    const left = () => {
      tick.waiting.delete(done);
      if (tick.waiting.size === 0 && ticks.get(everyMs) === tick) {
        clearTimeout(tick.timer);
        ticks.delete(everyMs);
      }
      resolve();
    };
    tick.waiting.add(done);
    signal.addEventListener("abort", left, { once: true });
  });
}

function startTick(everyMs: number): Tick {
  const waiting = new Set<() => void>();
  const ring = () => {
    ticks.delete(everyMs);
    for (const wake of waiting) wake();
  };
  // A timer may fire up to a millisecond early: what is due within two is the tick that has just been.
  const now = performance.now();
  const due = (Math.floor((now + 2) / everyMs) + 1) * everyMs;
  const tick = { timer: setTimeout(ring, due - now), waiting };
  ticks.set(everyMs, tick);
  return tick;
}
