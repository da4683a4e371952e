type Beat = { readonly timer: NodeJS.Timeout; readonly waiting: Set<() => void> };

const beats = new Map<number, Beat>();

/**
 * Resolves at this process's next beat of `everyMs` milliseconds, or at once when the signal is aborted; never rejects. Whoever waits for a
 * beat wakes in the same turn of the event loop as all others who do, so that what they then ask can be asked together.
 */
export function nextBeat(everyMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const beat = beats.get(everyMs) ?? startBeat(everyMs);
    const done = () => {
      signal.removeEventListener("abort", left);
      resolve();
    };
    const left = () => {
      beat.waiting.delete(done);
      if (beat.waiting.size === 0 && beats.get(everyMs) === beat) {
        clearTimeout(beat.timer);
        beats.delete(everyMs);
      }
      resolve();
    };
    beat.waiting.add(done);
    signal.addEventListener("abort", left, { once: true });
  });
}

function startBeat(everyMs: number): Beat {
  const waiting = new Set<() => void>();
  const ring = () => {
    beats.delete(everyMs);
    for (const wake of waiting) wake();
  };
  // A timer may fire up to a millisecond early: what is due within two is the beat that has just been.
  const now = performance.now();
  const due = (Math.floor((now + 2) / everyMs) + 1) * everyMs;
  const beat = { timer: setTimeout(ring, due - now), waiting };
  beats.set(everyMs, beat);
  return beat;
}
